"""What the business deals with: its places and the parties it trades with."""
