/* tlsrpt: what became of a session with a server for which there was a policy, as a line of HOME/sts/sessions/DATE: what a report by TLSRPT
   (RFC 8460) counts. qmail-remote says it to qmail-stsd, which puts the time in front.

     1764364800 sts example.net mx.example.net 192.0.2.1 certificate-host-mismatch

   Pure. */

#ifndef MAILTREE_TLSRPT_H
#define MAILTREE_TLSRPT_H

#include <stdbool.h>
#include <stddef.h>

enum tlsrpt_policy { TLSRPT_NO_POLICY, TLSRPT_TLSA, TLSRPT_STS, TLSRPT_POLICIES };

/* RFC 8460 4.3, in its order. */
enum tlsrpt_result {
  TLSRPT_SUCCESS, TLSRPT_STARTTLS_NOT_SUPPORTED, TLSRPT_HOST_MISMATCH, TLSRPT_NOT_TRUSTED, TLSRPT_EXPIRED, TLSRPT_VALIDATION_FAILURE,
  TLSRPT_TLSA_INVALID, TLSRPT_DNSSEC_INVALID, TLSRPT_DANE_REQUIRED, TLSRPT_FETCH_ERROR, TLSRPT_POLICY_INVALID, TLSRPT_WEBPKI_INVALID,
  TLSRPT_RESULTS
};

enum { TLSRPT_LINE_MAX = 700 };     /* bytes, its end and the time not counted */

struct tlsrpt_session {
  enum tlsrpt_policy policy;
  char const *domain;               /* whose policy it is: of TLSA records the host they are of */
  char const *server, *ip;          /* null, or "": there is none */
  enum tlsrpt_result result;
};

/* Writes it without an end; what cannot stand there is '?'. How many bytes; 0 when it does not fit. */
size_t tlsrpt_write(char *to, size_t max, struct tlsrpt_session const *s);

/* Whether it is one, as it was written. */
bool tlsrpt_is_line(char const *s, size_t len);

#endif
