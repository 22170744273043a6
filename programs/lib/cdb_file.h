/* cdb_file: a constant database is made anew, with the promise of replace.h: the old one or the new one, on disk.

     static struct cdb_file c = CDB_FILE_ZERO;
     if (!cdb_file_begin(&c, "users/cdb", "users/cdb.tmp", 0644)) replace_die(&c.file);
     if (!cdb_file_add(&c, key, key_len, data, data_len)) ...errno EOVERFLOW, or replace_die...
     if (!cdb_file_commit(&c)) replace_die(&c.file);

   Who uses it is linked with libcdb. */

#ifndef MAILTREE_CDB_FILE_H
#define MAILTREE_CDB_FILE_H

#include <cdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "replace.h"

enum { CDB_FILE_HEAD = 2048, CDB_FILE_RECORD = 24 };    /* bytes: 256 tables; two lengths and two slots */

struct cdb_file {
  struct replacement file;
  struct cdb_make maker;
  bool making;
  uint64_t size;                /* bytes it will have */
};
#define CDB_FILE_ZERO { .file = REPLACEMENT_ZERO, .size = CDB_FILE_HEAD }

/* Each returns false with errno when it failed, and then there is nothing aside any more. */
bool cdb_file_begin(struct cdb_file *c, char const *path, char const *aside, mode_t mode);

/* The same of a name in a directory that is held open. */
bool cdb_file_begin_in(struct cdb_file *c, int directory, char const *name, char const *aside, mode_t mode);

/* EOVERFLOW: with this record it would have more than the 4 GiB a cdb can have. */
bool cdb_file_add(struct cdb_file *c, char const *key, size_t key_len, char const *data, size_t data_len);

/* The first half of a commit: all of it on disk, without its name. What follows is done to c->file. */
bool cdb_file_settle(struct cdb_file *c);

bool cdb_file_commit(struct cdb_file *c);
void cdb_file_forget(struct cdb_file *c);

/* For who only wants to know whether a database could be made: counts the record. False when it would not fit. */
bool cdb_file_count(struct cdb_file *c, size_t key_len, size_t data_len);

#endif
