/* rehearsal: a handshake of this process with itself, whose only fruit is what the library finds on the way.

   OpenSSL looks up an algorithm, and asks for memory, when it is first wanted. What the parent has done and holds its children
   share, and need not do, each of them anew. */

#ifndef MAILTREE_TLS_REHEARSAL_H
#define MAILTREE_TLS_REHEARSAL_H

/* Where there is a certificate: a client without a name comes, and comes back with its ticket. That it fails means nothing. */
void rehearse(void);

#endif
