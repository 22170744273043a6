PROGRAMS += sts/qmail-stsd
LIBS_sts/qmail-stsd = -lcurl -lcares
