// The theme would load every Font Awesome icon as a script of 1.5 MB here; its style sheet already has the few that we show.
