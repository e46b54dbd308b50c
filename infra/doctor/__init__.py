"""`freehold doctor`: what is still missing until Freehold works, on a laptop and on AWS. It changes nothing."""
