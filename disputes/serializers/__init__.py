"""What the API says and takes, one file per noun."""
