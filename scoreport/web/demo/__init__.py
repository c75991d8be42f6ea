"""One-click sign-in of a demo; its address exists in demo mode only."""
