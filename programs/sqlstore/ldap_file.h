/* ldap_file: etc/vpopmail.ldap below the home of vpopmail, which says where the directory is and how users stand in it:

     uri ldap://ldap.example.net         also ldaps:// and ldapi://
     base ou=%d,dc=example,dc=net        %d: the domain, %u: the name of the user
     bind cn=reader,dc=example,dc=net
     password secret
     home mailMessageStore               another attribute than usually

   A word, blanks, and all that follows. Pure. */

#ifndef MAILTREE_SQLSTORE_LDAP_FILE_H
#define MAILTREE_SQLSTORE_LDAP_FILE_H

#include <stdbool.h>
#include <stddef.h>

enum { LDAP_FILE_MAX = 4096 };        /* bytes of it */

/* What is said, or what is so unless something is said. */
enum ldap_word {
  LDAP_FILE_URI, LDAP_FILE_STARTTLS, LDAP_FILE_BIND, LDAP_FILE_PASSWORD, LDAP_FILE_BASE, LDAP_FILE_FILTER,
  /* names of attributes, in the order of enum ldap_attribute */
  LDAP_FILE_NAME, LDAP_FILE_HASH, LDAP_FILE_COMMENT, LDAP_FILE_HOME, LDAP_FILE_QUOTA, LDAP_FILE_SIZE, LDAP_FILE_COUNT,
  LDAP_FILE_FLAGS, LDAP_FILE_STATUS,
  LDAP_FILE_WORDS
};

struct ldap_file {
  char const *values[LDAP_FILE_WORDS];      /* strings in space, or constants; null: nothing */
  char space[LDAP_FILE_MAX];
};

/* False: it is not as it should be, and *fault says what is wrong. */
bool ldap_file_parse(struct ldap_file *to, char const **fault, char const *s, size_t len);

#endif
