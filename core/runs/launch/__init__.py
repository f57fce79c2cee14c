"""A run that other machines do: its folder with the files that start it there, by hand or by Slurm."""
