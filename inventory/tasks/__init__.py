"""What stock-taking does by itself: shells around services, registered with the kernel's jobs."""
