"""The JSON door: invoice import and correction, and nothing else."""
