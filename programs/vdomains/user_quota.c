#include <fcntl.h>
#include <string.h>

#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>

#include "maildirsize.h"
#include "refuse.h"
#include "store_refuse.h"
#include "text.h"
#include "tree.h"
#include "user_quota.h"

void user_quota_read(char stored[QUOTA_TEXT_SIZE], char const *text)
{
  static stralloc upper = STRALLOC_ZERO;
  struct quota quota;
  text_set(&upper, text);
  case_upperb(upper.s, upper.len);
  if (!quota_parse(&quota, upper.s, upper.len)) refuse_saying(VCODE_BAD_CHARACTER, "that is no quota");
  if (quota_text(stored, &quota) > QUOTA_STORED_MAX) refuse(VCODE_QUOTA_TOO_LONG);
}

/* ---- the ledger ---- */

static int maildir_open(struct field home)
{
  static stralloc path = STRALLOC_ZERO;
  text_setb(&path, home.s, home.len);
  text_add(&path, "/Maildir");
  return tree_open(text_z(&path));
}

static bool note_one(void *with, struct vpasswd const *record)
{
  struct maildirsize ledger;
  struct quota quota;
  int maildir = record->dir.len && quota_parse(&quota, record->quota.s, record->quota.len) ? maildir_open(record->dir) : -1;
  (void)with;
  if (maildir == -1) return true;
  if (maildirsize_open_new(&ledger, maildir, &quota)) maildirsize_close(&ledger);
  fd_close(maildir);
  return true;
}

void user_quota_note(struct named const *named)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  if (named->user.len) {
    if (named_find(named, &record, &space)) note_one(0, &record);
    stralloc_free(&space);
    return;
  }
  struct store_domain table = named_table(named);
  enum store_result listed = store_list(&table, note_one, 0);
  fd_close(table.directory);
  if (listed != STORE_DONE) store_refuse(listed, table.name);
}
