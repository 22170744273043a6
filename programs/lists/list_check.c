#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "instructions.h"
#include "list_check.h"
#include "list_file.h"
#include "list_words.h"
#include "named_program.h"
#include "oneclick.h"
#include "subscribers.h"
#include "text.h"

static void (*tell)(enum list_weight weight, char const *what, char const *mend);

static void find(enum list_weight weight, char const *one, char const *two, char const *three, char const *mend)
{
  stralloc what = STRALLOC_ZERO;
  text_set(&what, one);
  text_add(&what, two);
  text_add(&what, three);
  tell(weight, text_z(&what), mend);
  stralloc_free(&what);
}

static bool exists(char const *name)
{
  struct stat st;
  return stat(name, &st) == 0;
}

/* ---- what every list has ---- */

/* Whether programs of the list take it. */
static bool check_key(void)
{
  struct stat st;
  if (stat("key", &st) == -1) {
    find(LIST_FAULT, "key is missing: nothing works", "", "", "from a backup; a new one makes confirmations that are under way invalid: "
         "head -c 32 /dev/urandom > key; chmod 600 key");
    return false;
  }
  if (st.st_size < LIST_KEY_LEAST)
    find(LIST_FAULT, "key is too short: confirmations could be guessed, and mail waits", "", "", "head -c 32 /dev/urandom > key");
  if (st.st_mode & 077) find(LIST_FAULT, "others may read key: who knows it can confirm in anybody's name", "", "", "chmod 600 key");
  return st.st_size >= LIST_KEY_LEAST;
}

static void check_name(char const *name)
{
  if (!exists(name)) find(LIST_FAULT, name, " is missing: the list does not know its address", "", "ezmlm-make -+ DIR DOT LOCAL HOST");
}

static void check_directory(void)
{
  struct stat st;
  if (stat(".", &st) == -1) return;
  if (st.st_mode & 022) find(LIST_FAULT, "others may write in the directory: they can have any program run", "", "", "chmod go-w DIR");
  if (st.st_uid == geteuid() || !geteuid()) return;
  find(LIST_NOTE, "the list belongs to somebody else than who asks", "", "", "ask as its owner");
}

static void check_headers(struct list const *l)
{
  stralloc names = STRALLOC_ZERO;
  if (!list_settings(&names, l, "headerkeep", 0) && !list_settings(&names, l, "headerremove", 0))
    find(LIST_FAULT, "headerremove and headerkeep are both missing: posts are refused", "", "", "ezmlm-make -+ DIR");
  stralloc_free(&names);
}

static void check_texts(struct list const *l)
{
  static char const *const needed[] = { "top", "bottom", "sub-confirm", "sub-ok", "unsub-confirm", "unsub-ok", "help" };
  stralloc text = STRALLOC_ZERO, path = STRALLOC_ZERO, name = STRALLOC_ZERO;
  for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
    text_set(&name, "text/");
    text_add(&name, needed[i]);
    if (list_file_find(&text, &path, l, text_z(&name)) == 1) continue;
    find(LIST_FAULT, "there is no text ", name.s, ": requests are returned", "ln -s en /etc/ezmlm/default, or put it into text");
    break;
  }
  stralloc_free(&text);
  stralloc_free(&path);
  stralloc_free(&name);
}

/* ---- who is in it ---- */

static bool has_directory(char const *table)
{
  stralloc place = STRALLOC_ZERO;
  text_set(&place, table);
  text_add(&place, "/subscribers");
  bool const there = exists(text_z(&place));
  stralloc_free(&place);
  return there;
}

static uint64_t count_table(struct list const *l, char const *table)
{
  struct subscribers *s = subscribers_open(l, table, 0);
  bool const there = subscribers_are_elsewhere(s) || has_directory(table);
  if (!there) find(LIST_FAULT, "the table ", strcmp(table, ".") != 0 ? table : "of subscribers", " is missing", "ezmlm-make -+ DIR");
  uint64_t const count = there ? subscribers_each(s, (struct subscribers_range){ 0, SUBSCRIBERS_HASHES - 1 }, 0, 0) : 0;
  subscribers_close(s);
  return count;
}

/* The tables are where DIR/subdb says. */
static bool check_database(struct list const *l)
{
  stralloc why = STRALLOC_ZERO;
  bool const answers = subscribers_answer(l, &why);
  if (!answers) find(LIST_FAULT, "nobody can tell who is subscribed, and mail waits: ", why.s, "", "see subdb as ezmlm-subdb(5) has it, and the server");
  stralloc_free(&why);
  return answers;
}

static void count(struct list_facts *f)
{
  f->is_counted = check_database(&f->list);
  if (!f->is_counted) return;
  f->subscribers = count_table(&f->list, ".");
  f->digest = count_table(&f->list, "digest");
  f->allow = count_table(&f->list, "allow");
  f->deny = count_table(&f->list, "deny");
  f->moderators = count_table(&f->list, "mod");
}

static void check_moderators(struct list_facts const *f)
{
  static struct { char const *flag, *what; } const flags[] = {
    { "modpost", "posts wait for a moderator, and there is none" },
    { "modsub", "who subscribes waits for a moderator, and there is none" },
    { "remote", "the list may be administered by mail, and nobody may do it" },
  };
  stralloc table = STRALLOC_ZERO;
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
    if (!list_flag(&f->list, flags[i].flag)) continue;
    bool named = list_setting(&table, &f->list, flags[i].flag, 0);
    if ((named ? count_table(&f->list, text_z(&table)) : f->moderators) > 0) continue;
    find(i < 2 ? LIST_FAULT : LIST_NOTE, flags[i].what, "", "", "ezmlm-sub DIR mod ADDRESS");
  }
  stralloc_free(&table);
}

static void check_confirmation(struct list const *l)
{
  if (list_flag(l, "nosubconfirm") && list_flag(l, "public"))
    find(LIST_NOTE, "anybody can subscribe anybody: nobody is asked to confirm it", "", "", "ezmlm-make -+ -H DIR");
}

static void check_oneclick(struct list const *l)
{
  stralloc base = STRALLOC_ZERO, link = STRALLOC_ZERO;
  if (list_setting(&base, l, "oneclick", 0) && !oneclick_add(&link, (struct field){ base.s, base.len }, (struct field){ l->key.s, l->key.len }, ".", 0, field_of("x@x")))
    find(LIST_NOTE, "oneclick is no https address: mail has no link to leave the list by", "", "", "man ezmlm-oneclick");
  stralloc_free(&base), stralloc_free(&link);
}

/* ---- what is done with mail ---- */

static bool can_be_run(struct field path, char const *file)
{
  stralloc name = STRALLOC_ZERO;
  text_addb(&name, path.s, path.len);
  bool can = access(text_z(&name), X_OK) == 0;
  if (!can) {
    text_add(&name, ", which cannot be run: ");
    text_add(&name, strerror(errno));
    find(LIST_FAULT, file, " names ", text_z(&name), "ezmlm-make -+ DIR");
  }
  stralloc_free(&name);
  return can;
}

/* The first that is missing is seldom the only one. */
static bool programs_are_there(struct field line, char const *file)
{
  struct field path;
  while (named_program(&path, &line)) if (!can_be_run(path, file)) return false;
  return true;
}

/* How many of its lines do something. */
static size_t check_lines(stralloc const *text, char const *file)
{
  struct instruction in;
  size_t at = 0, lines = 0;
  bool there = true;
  while (instruction_next(&in, text->s, text->len, &at)) {
    if (in.kind == INSTRUCTION_NOTHING) continue;
    lines++;
    if (in.kind == INSTRUCTION_PROGRAM && there) there = programs_are_there((struct field){ in.text, in.len }, file);
  }
  return lines;
}

static void check_file(char const *file)
{
  stralloc text = STRALLOC_ZERO;
  int r = list_file_read(&text, file, LIST_FILE_MAX);
  if (r == 0) find(LIST_FAULT, file, " is missing", "", "ezmlm-make -+ DIR");
  if (r == -1) find(LIST_FAULT, file, " cannot be read: ", strerror(errno), "look at its owner and mode");
  if (r == 1 && !check_lines(&text, file)) find(LIST_FAULT, file, " does nothing", "", "ezmlm-make -+ DIR");
  stralloc_free(&text);
}

static void check_owner(void)
{
  stralloc text = STRALLOC_ZERO;
  struct instruction in;
  size_t at = 0, lines = 0, boxes = 0;
  list_file_read(&text, "owner", LIST_FILE_MAX);
  while (instruction_next(&in, text.s, text.len, &at)) {
    lines += in.kind != INSTRUCTION_NOTHING;
    boxes += in.kind == INSTRUCTION_MBOX && in.len > 8 && !memcmp(in.text + in.len - 8, "/Mailbox", 8);
  }
  if (!lines) find(LIST_FAULT, "the list has no owner", "", "", "ezmlm-make -+ -5 ADDRESS DIR");
  else if (boxes == lines) find(LIST_NOTE, "mail for the list's owner lies in its Mailbox, and nobody is told", "", "", "ezmlm-make -+ -5 ADDRESS DIR");
  stralloc_free(&text);
}

/* ---- its addresses ---- */

static bool same_file(char const *a, char const *b)
{
  struct stat one, two;
  return stat(a, &one) == 0 && stat(b, &two) == 0 && one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

static void check_link(stralloc const *dot, char const *link, char const *file)
{
  stralloc path = STRALLOC_ZERO;
  text_addx(&path, dot);
  text_add(&path, link);
  if (!exists(text_z(&path))) find(LIST_FAULT, path.s, " is missing, or leads to nothing", "", "ezmlm-make -+ DIR");
  else if (!same_file(path.s, file)) find(LIST_NOTE, path.s, " is not this list's ", file, "ezmlm-make -+ DIR, if it should be");
  stralloc_free(&path);
}

static void check_links(struct list const *l)
{
  static struct { char const *link, *file; } const links[] = {
    { "", "editor" }, { "-default", "manager" }, { "-owner", "owner" }, { "-return-default", "bouncer" },
    { "-accept-default", "moderator" }, { "-reject-default", "moderator" }, { "-confirm-default", "confirmer" },
    { "-discard-default", "confirmer" }, { "-digest-return-default", "digest/bouncer" },
  };
  stralloc dot = STRALLOC_ZERO;
  if (list_setting(&dot, l, "dot", 0))
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) check_link(&dot, links[i].link, links[i].file);
  stralloc_free(&dot);
}

/* ---- its archive ---- */

static void check_archive(struct list_facts *f)
{
  struct archive_num num = { .number = 0 };
  char path[ARCHIVE_PATH_MAX];
  if (!archive_num_read(&num, "num")) find(LIST_FAULT, "num cannot be read", "", "", "from a backup, or the highest number in archive");
  f->messages = num.number;
  if (!list_flag(&f->list, "archived")) return;
  archive_post(path, num.number);
  if (!exists("archive")) find(LIST_FAULT, "there is no directory archive: posts wait", "", "", "ezmlm-make -+ DIR");
  else if (num.number && !exists(path)) find(LIST_NOTE, "the last message is not in the archive: ", path, "", "it may have been written before there was one");
}

void list_check(struct list_facts *f, char const *dir, void (*found)(enum list_weight weight, char const *what, char const *mend))
{
  static char const *const files[] = { "editor", "manager", "bouncer", "digest/bouncer", "moderator", "confirmer" };
  tell = found;
  check_directory();
  bool const has_key = check_key();
  check_name("outlocal");
  check_name("outhost");
  check_owner();
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) check_file(files[i]);
  f->is_entered = has_key && exists("outlocal") && exists("outhost");
  if (!f->is_entered) return;
  list_enter(&f->list, dir);
  count(f);
  check_headers(&f->list);
  check_texts(&f->list);
  if (f->is_counted) check_moderators(f);
  check_confirmation(&f->list);
  check_oneclick(&f->list);
  check_links(&f->list);
  check_archive(f);
}
