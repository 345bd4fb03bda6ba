"""What everything a user writes has in common: days, strict declarations, and the words for what is wrong with them."""
