"""What people are told: kinds of notice that apps register, and their words in the reader's language."""
