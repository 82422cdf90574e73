"""The lists of stock-taking, one module each; the kernel shows, exports and steps through them."""
