PROGRAMS += limits/qmail-limitd limits/qmail-limits
