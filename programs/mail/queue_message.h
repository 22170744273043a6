/* queue_message: the one file of a queued message, mess/S/N.

   Layout, numbers little-endian:

     message      message_len bytes, as the injector gave it behind qmail-queue's Received line
     envelope     envelope_len bytes of records, each a letter, a text without NUL, a NUL:
                    u uid of the injector      p pid of qmail-queue ("qp")
                    F envelope sender          T recipient to do      K recipient done
                    v "2", the last one: K means done, and the next attempts check themselves
                    e r b i behind F, n o behind a recipient: what belongs to it (envelope_extra.h)
                    z before v: blanks, up to one of the sizes of files that can be used again
                  A small letter a reader does not know is skipped. Records between two recipients
                  belong to the earlier one.
     footer       QUEUE_FOOTER bytes:
                    0  magic "mailtree"       8  version, 4 bytes     12  CRC-32 of the message
                   16  message_len           24  envelope_len         32  birth, Unix seconds
                   40  CRC-32 of the envelope with every K read as T
                   44  CRC-32 of bytes 0 to 43
                   48  next attempt of the local channel, 56 of the remote channel (queue_plan.h); 0 is now

   Only the letters T/K and the last 16 bytes ever change after the birth, in place. A file without a
   valid footer was never accepted by anybody. With "mailfree" for its magic it is spare, and no message (queue_spare.h).

   A file of an older release has no v record: there D means done, the next attempts are plain numbers below 2^63, and
   bit 63 of the first tells that the message is on hold. It is read and changed by these rules as long as it lives, and
   so is a file with the v record that an older release has planned. That release, in its turn, knows nothing of v.

   The working directory is HOME/queue. */

#ifndef MAILTREE_QUEUE_MESSAGE_H
#define MAILTREE_QUEUE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "queue_plan.h"
#include "route.h"

enum {
  QUEUE_FOOTER = 64,
  QUEUE_ENVELOPE_MAX = 64 << 20,     /* bytes of an envelope */
  QUEUE_ADDRESS_MAX = 1002           /* bytes of one address in it */
};

/* ---- a message being written (qmail-queue) ---- */

enum { QUEUE_HELD = 65536 + 512 };   /* bytes of a message that wait for its end before there is a file */

/* What went wrong, in the words of qmail-queue's exit codes. */
enum queue_write_result { QUEUE_WRITTEN, QUEUE_CANNOT_CREATE, QUEUE_CANNOT_WRITE, QUEUE_CANNOT_LINK };

struct queue_writer {
  int fd;                     /* -1 while all there is is in buffer */
  bool uses_again;            /* the file may be one that was used before, or may be used again; stays from one message to the next */
  enum queue_write_result failed;     /* a write went wrong; errno of it in error */
  int error;
  uint64_t message_len, envelope_len;
  uint32_t message_crc, envelope_crc;
  uint64_t due[CHANNELS];     /* for the footer; 0, at once, unless set before the commit */
  size_t used;
  char dot_name[48];          /* the file's second name where the file system knows no unnamed files */
  char buffer[QUEUE_HELD];
};

/* Begins a message. Its file is made, unnamed and below mess/, when it has more than QUEUE_HELD bytes, or at its end; it is locked: as
   long as the lock is held nobody takes it for queued. */
void queue_write_begin(struct queue_writer *w);

/* Makes the file now, for who has something to do with it. QUEUE_WRITTEN, or QUEUE_CANNOT_CREATE with errno. */
enum queue_write_result queue_write_file(struct queue_writer *w);

/* Message bytes, then records; a recipient done is D. Failures are remembered and told by queue_write_commit. */
void queue_write_message(struct queue_writer *w, char const *s, size_t len);
void queue_write_record(struct queue_writer *w, char letter, char const *s, size_t len);

/* Writes the footer, gives the file its name mess/S/N, makes it durable (one fsync); or writes all of it over a spare file
   (one fdatasync). Only after QUEUE_WRITTEN may anybody be told that the message is queued. On any other result no message is left. */
enum queue_write_result queue_write_commit(struct queue_writer *w, uint64_t birth, uint64_t *id);

/* The same, but the file replaces mess/S/ID whatever that is now: at every instant, also after a power cut, the
   name leads to the old file or to the whole new one (qmail-takeover). */
enum queue_write_result queue_write_commit_as(struct queue_writer *w, uint64_t birth, uint64_t id);

/* Ends the writing and the lock; without a commit nothing is left. Safe in a signal handler. */
void queue_write_end(struct queue_writer *w);

/* ---- a message being read ---- */

struct queue_message {
  int fd;
  uint64_t id;
  uint64_t message_len;
  size_t envelope_len;
  uint64_t birth;             /* corrected when the clock was set since */
  uint64_t due[CHANNELS];     /* QUEUE_NEVER: the channel has no recipients */
  bool on_hold;
  bool checked;               /* marks and next attempts check themselves */
  bool spare;
  bool doubtful;              /* one did not stand the check; what it was about is to do, now */
  uint32_t message_crc, envelope_crc;
  uint32_t fingerprint;       /* of all that never changes: tells messages that had the same number apart */
};

enum queue_read_result {
  QUEUE_READ,
  QUEUE_ABSENT,        /* no such file, or a spare one: m->spare */
  QUEUE_UNFINISHED,    /* its writer still holds the lock */
  QUEUE_BROKEN,        /* no valid footer, or contents that do not fit it */
  QUEUE_TROUBLE        /* errno: the system failed; nothing is known about the file */
};

/* Opens mess/S/N for reading and checks its footer. Only QUEUE_READ leaves something to close.
   With finished_only the file's lock is looked at as well, and as long as it is open its file is not used for another message:
   for who reads it while qmail-send may be gone, or another one. */
enum queue_read_result queue_message_open(struct queue_message *m, uint64_t id, bool finished_only);

/* Reads the footer of an open regular file (m->fd), as queue_message_open does. */
enum queue_read_result queue_message_footer(struct queue_message *m);

/* The envelope replaces *to and is checked: QUEUE_READ, QUEUE_BROKEN or QUEUE_TROUBLE. Recipients are T or D there. */
enum queue_read_result queue_message_envelope(struct queue_message *m, stralloc *to);

/* Reads the whole message and compares its checksum. */
enum queue_read_result queue_message_verify(struct queue_message const *m);

void queue_message_close(struct queue_message *m);

/* One record of an envelope. */
struct queue_record {
  char letter;
  char const *text;       /* NUL-terminated, inside the envelope */
  size_t len;
  size_t offset;          /* of the letter, from the start of the envelope */
};

/* The record at *at; moves *at behind it. False at the end; the envelope must have passed queue_message_envelope
   or queue_envelope_valid. */
bool queue_envelope_next(stralloc const *envelope, size_t *at, struct queue_record *record);

/* Whether the bytes are an envelope: records of the grammar above, one F, before the first T or D. */
bool queue_envelope_valid(char const *s, size_t len);

/* ---- a message being changed (qmail-clean) ---- */

/* Marks the recipient at the offset done. False with errno; EINVAL when no recipient begins there. */
bool queue_message_mark_done(uint64_t id, size_t offset);

/* Overwrites the next attempt of one channel; birth is what is known of it now. False with errno. */
bool queue_message_set_due(uint64_t id, enum channel channel, uint64_t when, uint64_t birth);

/* Puts the message on hold, or releases it. False with errno. */
bool queue_message_set_hold(uint64_t id, bool on_hold);

/* Makes earlier changes durable. False with errno. */
bool queue_message_sync(uint64_t id);

#endif
