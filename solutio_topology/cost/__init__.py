"""What an environment costs, whether it fits into what is paid for, and how both grow."""
