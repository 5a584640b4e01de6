"""A stand-in for SoVAni: database, web API, scheduler and what can break in them."""
