/* archive: the posts of a list in its directory, by number, and the index of each hundred of them.

   archive/12/34 is post 1234; it is complete when its owner may execute it. archive/12/index has two lines for each:
     1234: HASH [Re: ]SUBJECT
     TAB DATE;HASH AUTHOR
   num has the last number, and the size of all posts in units of 256 bytes: "1234:56789". */

#ifndef MAILTREE_LISTS_ARCHIVE_H
#define MAILTREE_LISTS_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <skalibs/stralloc.h>

#include "fields.h"
#include "surf.h"

enum { ARCHIVE_PATH_MAX = 48, ARCHIVE_GROUP = 100, ARCHIVE_WHOLE = 0744 };

struct archive_num { uint64_t number, size; };

/* The names, with a NUL; archive_group is archive/N. Pure. */
void archive_post(char path[ARCHIVE_PATH_MAX], uint64_t number);
void archive_group(char path[ARCHIVE_PATH_MAX], uint64_t number);
void archive_index(char path[ARCHIVE_PATH_MAX], uint64_t number);

/* "N:S", and what may follow; S is 0 where it is missing. False: there is no number. Pure. */
bool archive_num_scan(struct archive_num *to, char const *s, size_t len);

/* What a file like num says: 0 where there is none. False with errno, EINVAL for one that has no number. */
bool archive_num_read(struct archive_num *to, char const *file);

/* The file num becomes this one, durably. False with errno. */
bool archive_num_write(struct archive_num const *num);

/* A body of so many bytes in units of 256. */
uint64_t archive_size(uint64_t bytes);

/* An entry of an index, where its parts lie. */
struct index_entry {
  uint64_t number;
  struct field subject_hash, subject;         /* with "Re: " */
  struct field date, author_hash, author;
};

/* Reads the entry at *at, which moves behind it. 1; 0 at the end; -1: the index is damaged, or of an old kind there. Pure. */
int index_next(struct index_entry *to, char const *text, size_t len, size_t *at);

/* Appends the entry of a post by the values of its fields; received: of its topmost Received, whose date counts. Pure. */
struct index_fields { struct field subject, from, received, prefix; };
void index_add(stralloc *to, uint64_t number, struct index_fields const *fields);
/* The same with the date as it is to stand there. */
void index_add_dated(stralloc *to, uint64_t number, struct index_fields const *fields, struct field date);

/* The date in the value of a Received field: what follows its last ';', on one line. Appends. Pure. */
void index_date(stralloc *to, struct field received);

/* Opens the file of a post to be written: its directory is there then. -1 with errno. */
int archive_create(uint64_t number);

/* The post is complete; it is on disk when the file system has been synced. False with errno; fd is closed in any case. */
bool archive_complete_later(int fd);

/* All posts are on disk. False with errno. */
bool archive_sync(void);

/* The post is on disk, and complete. False with errno; fd is closed in any case. */
bool archive_complete(int fd, uint64_t number);

/* Puts the entry into the index of its post, durably. What an attempt left that was given up stands behind the entries of lower
   numbers, and goes. False with errno. */
bool archive_index_put(uint64_t number, struct field entry);

/* Nothing is there of that number, as far as that can be done. */
void archive_forget(uint64_t number);

#endif
