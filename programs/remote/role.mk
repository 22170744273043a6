PROGRAMS += remote/qmail-rspawn remote/qmail-remote remote/qmail-tcpto remote/qmail-tcpok remote/qmail-tlspolicy
LIBS_remote/qmail-remote = -lcares
LIBS_remote/qmail-tlspolicy = -lcares
