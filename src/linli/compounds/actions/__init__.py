"""Every write of the room, one module for each subject: records of a file, the fund, photos, rules, files that are read in, warnings."""
