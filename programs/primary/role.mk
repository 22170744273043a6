PROGRAMS += primary/qmail-primaryd
LIBS_primary/qmail-primaryd = -lcares
