/* last_login: when the owner of a Maildir was let in last: the modification time of an empty file in it, which is his, so that
   nobody but himself can spoil it. The working directory is the Maildir. */

#ifndef MAILTREE_LAST_LOGIN_H
#define MAILTREE_LAST_LOGIN_H

#define LAST_LOGIN_FILE "pop3login"

enum last_login {
  LAST_LOGIN_PAST,          /* no, or there was none, or it is to come since the clock was set back; from now on it is this one */
  LAST_LOGIN_TOO_RECENT,    /* yes, and it stays the last; or another one is noted this very moment */
  LAST_LOGIN_UNKNOWN        /* errno: the file cannot be used */
};

/* Whether it was less than so many seconds ago. */
enum last_login last_login_renew(unsigned long seconds);

#endif
