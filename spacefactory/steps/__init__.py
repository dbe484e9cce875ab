"""The steps that workflows are made of, one file each."""
