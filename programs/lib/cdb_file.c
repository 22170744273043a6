#include <errno.h>

#include "cdb_file.h"

/* The maker gives its memory back only by finishing what it made. */
static bool maker_end(struct cdb_file *c)
{
  bool making = c->making;
  c->making = false;
  return making && cdb_make_finish(&c->maker) == 0;
}

void cdb_file_forget(struct cdb_file *c)
{
  int e = errno;
  maker_end(c);
  replace_forget(&c->file);
  errno = e;
}

static bool cannot_write(struct cdb_file *c)
{
  c->file.doing = "write ";
  c->file.what = c->file.aside;
  cdb_file_forget(c);
  return false;
}

static bool begin(struct cdb_file *c)
{
  c->making = cdb_make_start(&c->maker, c->file.fd) == 0;
  return c->making || cannot_write(c);
}

bool cdb_file_begin(struct cdb_file *c, char const *path, char const *aside, mode_t mode)
{
  *c = (struct cdb_file)CDB_FILE_ZERO;
  return replace_begin(&c->file, path, aside, mode) && begin(c);
}

bool cdb_file_begin_in(struct cdb_file *c, int directory, char const *name, char const *aside, mode_t mode)
{
  *c = (struct cdb_file)CDB_FILE_ZERO;
  return replace_begin_in(&c->file, directory, name, aside, mode) && begin(c);
}

bool cdb_file_count(struct cdb_file *c, size_t key_len, size_t data_len)
{
  uint64_t record = CDB_FILE_RECORD + (uint64_t)key_len + data_len;
  if (key_len > UINT32_MAX || data_len > UINT32_MAX || record > UINT32_MAX - c->size) return false;
  c->size += record;
  return true;
}

bool cdb_file_add(struct cdb_file *c, char const *key, size_t key_len, char const *data, size_t data_len)
{
  if (!cdb_file_count(c, key_len, data_len)) {
    errno = EOVERFLOW;
    return cannot_write(c);
  }
  return cdb_make_add(&c->maker, key, (unsigned)key_len, data, (unsigned)data_len) == 0 || cannot_write(c);
}

bool cdb_file_settle(struct cdb_file *c)
{
  return maker_end(c) ? replace_settle(&c->file) : cannot_write(c);
}

bool cdb_file_commit(struct cdb_file *c)
{
  return cdb_file_settle(c) && replace_name(&c->file);
}
