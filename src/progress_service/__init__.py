"""Progress Service: where learners are, what they have really seen, what is done."""
