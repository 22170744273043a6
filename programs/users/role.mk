PROGRAMS += users/checkpassword users/qmail-newu users/qmail-pw2u
LIBS_users/checkpassword = -lcrypt
LIBS_users/qmail-newu = -l:libcdb.a
