/* ezmlm-make: make a mailing list, or change what one is.

   runs as   who shall own the list; root becomes him, by the directory that the list is in
   reads     a template (list_template.h), and of a list that is there, what it was made with
   changes   the list's directory, and links beside the dot-qmail file
   exits     0, 100 wrong use or a mistake in the template, 111 trouble
*/

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include "become.h"
#include "list.h"
#include "list_file.h"
#include "making.h"
#include "text.h"

#define USAGE "ezmlm-make [ -+ ] [ -a..zA..Z ] [ -C rc ] [ -03456789 arg ] dir [ dot local host [ digestcode ] ]"
#define OPTIONS "abcdefghijklmnopqrstuvwxyzABC:DEFGHIJKLMNOPQRSTUVWXYZ0:3:4:5:6:7:8:9:+"

static struct making making = { .editing = false };
static bool by_root;                /* before it became somebody else */

/* ---- what is asked for ---- */

static void set_word(stralloc *to, char const *s)
{
  if (strchr(s, '\n')) strerr_dief(LIST_REFUSED, "a line break in ", s);
  text_set(to, s);
  text_z(to);
}

/* What is remembered in the list must mean the same from any directory. */
static void choose(char const *path)
{
  char here[PATH_MAX];
  making.has_chosen = true;
  set_word(&making.chosen, "");
  if (!*path) return;
  if (*path != '/') {
    if (!getcwd(here, sizeof here)) strerr_diefusys(LIST_TROUBLE, "find ", path);
    set_word(&making.chosen, here);
    text_add(&making.chosen, "/");
  }
  text_add(&making.chosen, path);
  text_z(&making.chosen);
}

static void edit(void)
{
  making.rewriting |= making.editing;
  making.editing = true;
}

static _Noreturn void show_version(void)
{
  strerr_warn("ezmlm-make version: " LIST_VERSION);
  _exit(0);
}

/* A letter: what OPTIONS does not name is not let through, and take_option has taken the rest. */
static void take_letter(int o)
{
  bool const is_on = o >= 'a';
  making.letters[o - (is_on ? 'a' : 'A')] = is_on ? LETTER_ON : LETTER_OFF;
}

static void take_option(int o, char const *arg)
{
  switch (o) {
    case 'e': edit(); break;
    case '+': edit(); making.keeping = true; break;
    case 'v': case 'V': show_version();
    case 'C': choose(arg); break;
    case '0': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
      making.said[o - '0'] = true;
      set_word(&making.arguments[o - '0'], arg);
      break;
    case '?': case ':': strerr_dieusage(LIST_REFUSED, USAGE);
    default: take_letter(o);
  }
}

static void set_path(stralloc *to, char const *path)
{
  set_word(to, path);
  if (*path != '/') strerr_dief(LIST_REFUSED, "not an absolute path: ", path);
  while (to->len > 1 && to->s[to->len - 1] == '/') to->len--;
  text_z(to);
}

static void read_command(int argc, char const *const *argv)
{
  subgetopt options = SUBGETOPT_ZERO;
  for (int o; (o = subgetopt_r(argc, argv, OPTIONS, &options)) != -1;) take_option(o, options.arg);
  argv += options.ind;
  argc -= options.ind;
  if (argc < 1 || argc > 5) strerr_dieusage(LIST_REFUSED, USAGE);
  set_path(&making.dir, argv[0]);
  if (strchr(making.dir.s, '\'')) strerr_dief(LIST_REFUSED, "a quote in ", argv[0]);
  if (argc > 1) set_path(&making.dot, argv[1]);
  if (argc > 2) set_word(&making.local, argv[2]);
  if (argc > 3) set_word(&making.host, argv[3]);
  if (argc > 4) set_word(&making.code, argv[4]);
  making.rewriting |= making.editing && argc > 2;
}

static struct field field_from(stralloc const *s) { return (struct field){ s->len ? s->s : "", s->len }; }

/* ---- as whom ---- */

/* Who owns the directory that the path is in. */
static void look_above(struct stat *st, stralloc const *path)
{
  stralloc place = STRALLOC_ZERO;
  text_setb(&place, path->s, path->len);
  while (place.len > 1 && place.s[--place.len] != '/') ;
  if (stat(text_z(&place), st) == -1) strerr_diefusys(LIST_TROUBLE, "look at ", place.s);
  stralloc_free(&place);
}

/* Whose list it is: root's only where nobody else may put something in its place. A link is of who made it. */
static void look_for_owner(struct stat *st)
{
  if (!making.editing || lstat(making.dir.s, st) == -1 || !st->st_uid) look_above(st, &making.dir);
}

/* Below what somebody else may write, root would follow names anywhere; and the list shall be his. */
static void become_owner(void)
{
  struct stat owner, dot;
  by_root = geteuid() == 0;
  if (!by_root) return;
  look_for_owner(&owner);
  if (!owner.st_uid) return;
  bool const elsewhere = making.dot.len && !making_is_inside(field_from(&making.dot), field_from(&making.dir));
  if (elsewhere) look_above(&dot, &making.dot);
  if (elsewhere && dot.st_uid != owner.st_uid)
    strerr_dief(LIST_REFUSED, "the directories of ", making.dir.s, " and ", making.dot.s, " belong to two users, and the list can be only one's");
  struct passwd const *pw = getpwuid(owner.st_uid);
  if (!become(owner.st_uid, pw ? pw->pw_gid : owner.st_gid)) strerr_diefusys(LIST_TROUBLE, "become the owner of ", making.dir.s);
}

/* ---- the list that is there, and what it shall be ---- */

static void enter_old(void)
{
  if (chdir(making.dir.s) == -1) strerr_diefusys(LIST_TROUBLE, "chdir to ", making.dir.s);
  list_lock("lock");
  making_remember(&making);
}

static void need_all(void)
{
  if (!making.dot.len || !making.local.len || !making.host.len) strerr_dieusage(LIST_REFUSED, USAGE);
}

static bool is_on(char letter)
{
  enum letter said = making.letters[letter - 'a'];
  return said == LETTER_UNSAID ? letter == 'a' || letter == 'p' : said == LETTER_ON;
}

static struct template_facts facts_of_making(void)
{
  struct template_facts f = {
    .editing = making.editing, .rewriting = making.rewriting, .dir = field_from(&making.dir), .dot = field_from(&making.dot),
    .local = field_from(&making.local), .host = field_from(&making.host), .code = field_from(&making.code),
    .programs = field_of(list_bin()), .chosen = field_from(&making.chosen)
  };
  for (int i = 0; i < TEMPLATE_LETTERS; i++) f.letters[i] = is_on((char)('a' + i));
  for (int i = 0; i < TEMPLATE_DIGITS; i++) f.arguments[i] = field_from(&making.arguments[i]);
  template_words(&f);
  return f;
}

/* ---- the template ---- */

static void add_directory_of(stralloc *to, stralloc const *path)
{
  char const *slash = memrchr(path->s, '/', path->len);
  text_addb(to, path->s, (size_t)(slash + 1 - path->s));
}

/* What a user's list remembers is his choice; it is none for root. */
static bool has_choice(void)
{
  return making.chosen.len && (making.has_chosen || !by_root);
}

static void find_template(stralloc *path)
{
  struct stat st;
  if (making.letters['c' - 'a'] == LETTER_ON) {
    add_directory_of(path, &making.dot);
    text_add(path, ".ezmlmrc");
  } else if (has_choice()) text_addx(path, &making.chosen);
  else {
    text_add(path, list_etc());
    text_add(path, "/default/ezmlmrc");
  }
  if (stat(text_z(path), &st) == -1) strerr_diefusys(LIST_TROUBLE, "open ", path->s);
  if (S_ISDIR(st.st_mode)) text_add(path, "/ezmlmrc");
  text_z(path);
}

static struct field read_template(void)
{
  static stralloc path = STRALLOC_ZERO, text = STRALLOC_ZERO;
  find_template(&path);
  int r = list_file_read(&text, path.s, LIST_FILE_MAX);
  if (r == 0) errno = ENOENT;
  if (r != 1) strerr_diefusys(LIST_TROUBLE, "read ", path.s);
  struct field rest = field_from(&text);
  struct field version = template_version(&rest);
  if (version.len < 3 || memcmp(version.s, "7.2", 3) != 0) strerr_warnw("the template was not written for this version: ", path.s);
  return rest;
}

int main(int argc, char const *const *argv)
{
  PROG = "ezmlm-make";
  umask(077);
  read_command(argc, argv);
  become_owner();
  if (making.editing) enter_old();
  need_all();
  struct template_facts const facts = facts_of_making();
  struct field const template = read_template();
  making_carry_out(&making, &facts, template);
  return 0;
}
