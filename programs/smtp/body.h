/* body: the text after DATA or BDAT, from the wire to the form that is stored: CR LF becomes LF, the dot a client put
   in front of a dot goes, and only a line "." CR LF behind a CR LF ends it.

     struct body b;
     body_init(&b, BODY_STRICT);
     while (!body_done(&b)) ...body_take the next bytes...

   A bare CR or LF is how two servers come to disagree where a message ends (CVE-2023-51764), so a strict body
   that holds one is spoiled: it is read to its true end, and nothing of it may be used. A NUL between the line end
   and the dot does the same to those who drop it (and RFC 5321 allows none): a strict body with one is of no use.

   Chunks are counted, so dots are text there and nothing in them ends the body: body_end does. What holds of line ends
   holds for them too, over their borders, since the message may go on by DATA. */

#ifndef MAILTREE_BODY_H
#define MAILTREE_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum body_policy {
  BODY_STRICT,      /* a bare CR or LF spoils the body */
  BODY_NORMALISE,   /* each is a line end, also before the final dot, and NULs go: only for clients one knows */
  BODY_LF,          /* the same, and LF . LF ends the text: for those of them whose commands end with LF */
  BODY_CHUNKS, BODY_CHUNKS_NORMALISED,    /* as the first two */
  BODY_POLICIES
};

struct body {
  enum body_policy policy;
  unsigned char at;
  bool spoiled, has_nul;
  uint32_t tail;      /* of a spoiled body: the last four bytes */
};

void body_init(struct body *b, enum body_policy policy);

/* Takes bytes from the wire up to the end of the body: how many were taken. What is to be stored goes to out,
   which has room for len + 1 bytes; *out_len is set. */
size_t body_take(struct body *b, char const *in, size_t len, char *out, size_t *out_len);

/* Chunks have ended here. What is to be stored goes to out, which has room for BODY_END_MAX bytes; returns its length. */
enum { BODY_END_MAX = 1 };
size_t body_end(struct body *b, char *out);

bool body_done(struct body const *b);

static inline bool body_is_spoiled(struct body const *b) { return b->spoiled; }

static inline bool body_has_nul(struct body const *b) { return b->has_nul; }

/* The client of a spoiled body seems to believe that it has ended: its last bytes are a dot between line ends. */
bool body_seems_over(struct body const *b);

#endif
