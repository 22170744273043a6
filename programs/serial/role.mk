# Mail that waits in a Maildir until its host can take it, and then goes all at once.
PROGRAMS += serial/maildirserial serial/serialsmtp serial/serialqmtp serial/qmail-seriald \
  serial/serialbsmtp serial/bsmtp serial/rsmtp
SCRIPTS += serial/maildirsmtp serial/maildirqmtp serial/autoturn
LINKS += maildir2smtp:maildirsmtp.1 maildir2qmtp:maildirqmtp.1
