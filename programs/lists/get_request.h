/* get_request: what is asked of ezmlm-get by the address, behind L-: get.5_9, index, thread.17, dig.CODE. Pure. */

#ifndef MAILTREE_GET_REQUEST_H
#define MAILTREE_GET_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "fields.h"

enum get_word { GET_NOTHING, GET_DIGEST, GET_MESSAGES, GET_INDEX, GET_THREAD };

enum { GET_MESSAGES_MAX = 100, GET_LATEST = 30, GET_ENTRIES_MAX = 2000, GET_THREAD_SPAN = 2000 };

struct get_request {
  enum get_word word;
  char format;                  /* 0: none is asked for */
  uint64_t from, to;            /* 0: not said */
  bool open;                    /* ._5, whose beginning is the first message */
  struct field code;            /* of a digest, what stands behind the word */
};

/* GET_NOTHING: it is for another program. */
void get_request_read(struct get_request *r, struct field text);

/* Whether the code is this one, case aside, alone or with a letter that is a format behind it: *format. Nobody knows an empty one. */
bool get_code_is(struct field code, struct field wanted, char *format);

/* Whether the letter is a format. */
bool get_format_is(char letter);

/* Where a list stands: its last message, and the last one that is in a digest, 0: none. num is not 0. */
struct get_state { uint64_t num, digested; };
struct get_range { uint64_t from, to; };

/* Which messages that is, at most GET_MESSAGES_MAX. */
struct get_range get_messages(struct get_request const *r, struct get_state const *s);

/* Of which messages the index is wanted: whole groups of 100, at most GET_ENTRIES_MAX. */
struct get_range get_entries(struct get_request const *r, struct get_state const *s);

#endif
