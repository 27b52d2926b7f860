"""What each `tieout` command does; loaded only when that command is called."""
