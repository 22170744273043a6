/* ezmlm-request: take a command to a mailing list from the subject or the text of a message.

   runs as   who owns the list, from a .qmail file
   reads     DEFAULT, SENDER, the message on descriptor 0; with -f which lists there are
   changes   nothing but answers; sends the message on to the address that the command means, or an answer
   exits     0 the message is for somebody else, 99 done, 100 for what cannot be understood, 111 trouble
*/

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>

#include "address.h"
#include "answer_limit.h"
#include "line_pieces.h"
#include "list_environment.h"
#include "list_header.h"
#include "list_mail.h"
#include "list_options.h"
#include "list_request.h"
#include "list_sender.h"
#include "list_words.h"
#include "listed.h"
#include "subject.h"
#include "subscribers.h"
#include "text.h"

#define USAGE "ezmlm-request [-f config] dir"

enum { LINES_MAX = 1000 };            /* of a text in which a command is looked for */

static struct list l = LIST_ZERO;
static char const *config_file = 0;
static stralloc config = STRALLOC_ZERO;       /* its lines, each with a NUL */
static stralloc sender = STRALLOC_ZERO;
static struct mail_header header = MAIL_HEADER_ZERO;
static struct list_request request;
static char space[BUFFER_INSIZE];
static buffer in;
static stralloc word = STRALLOC_ZERO;

static struct field all_of(stralloc const *s)
{
  return (struct field){ s->s, s->len };
}

static bool same(struct field a, struct field b)
{
  return a.len == b.len && !strncasecmp(a.s, b.s, a.len);
}

/* The message from its beginning: before a command is looked for, and once more when it is passed on. */
static void read_from_start(void)
{
  if (lseek(0, 0, SEEK_SET) == -1) list_die_system(&l, "ERR_SEEK_INPUT", 0);
  buffer_init(&in, &buffer_read, 0, space, sizeof space);
  header.has_body = false;
  header.text.len = header.body_start.len = 0;
  genalloc_setlen(struct mail_header_field, &header.fields, 0);
  list_header_read(&header, &l, &in);
}

/* ---- the lists that there are ---- */

struct known { struct field box, host, dir, about; };

/* "local@host:dir:description" */
static bool known_next(struct known *k, size_t *at)
{
  struct field part[3];
  while (*at < config.len) {
    char const *line = config.s + *at;
    size_t const len = strlen(line);
    *at += len + 1;
    size_t const parts = fields_split(part, 3, line, len);
    size_t const sign = address_at(part[0].s, part[0].len);
    if (parts < 2 || sign == part[0].len) continue;
    *k = (struct known){ { part[0].s, sign }, { part[0].s + sign + 1, part[0].len - sign - 1 }, part[1],
                         parts == 3 ? part[2] : (struct field){ "", 0 } };
    return true;
  }
  return false;
}

static struct field own_host(void) { return all_of(&l.host); }
static struct field own_name(void) { return all_of(&l.local); }

/* Whose address it is; of several the longest name. */
static bool split_address(void)
{
  struct known k, best = { .box = { "", 0 } };
  if (!config_file) return same(request.list.host, own_host()) && list_request_split(&request, own_name());
  for (size_t at = 0; known_next(&k, &at); ) {
    struct list_request tried = request;
    if (same(k.host, request.list.host) && list_request_split(&tried, k.box) && k.box.len > best.box.len) best = k;
  }
  return best.box.len && list_request_split(&request, best.box);
}

/* A host that is none of ours is ours; where there is none it is that of the first list of that name. */
static void complete_host(void)
{
  struct known k;
  struct request_name *list = &request.list;
  for (size_t at = 0; known_next(&k, &at); )
    if (list->host.s ? same(k.host, list->host) : same(k.box, list->box)) {
      list->host = k.host;
      return;
    }
  list->host = own_host();
}

/* ---- the command ---- */

static bool is_command(struct field line)
{
  unsigned char const c = line.len ? (unsigned char)*line.s : 0;
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_multipart(void)
{
  struct field const type = list_header_value(&header, "content-type");
  return type.len > 10 && !strncasecmp(type.s, "multipart/", 10);
}

/* The first line of the text, or of the first part of it, that begins with a letter. */
static bool command_in_body(stralloc *line)
{
  static struct line_pieces pieces;
  struct line_piece piece;
  enum { BEFORE, HEADER, TEXT } at = is_multipart() ? BEFORE : TEXT;
  line_pieces_begin(&pieces, &header.body_start, &in);
  for (unsigned lines = 0; lines < LINES_MAX; lines++) {
    int const r = line_pieces_next(&pieces, &piece);
    if (r == -1) list_die_system(&l, "ERR_READ_INPUT", 0);
    if (r == 0) return false;
    size_t const len = piece.len - piece.ends;
    if (at == BEFORE && len > 2 && !memcmp(piece.s, "--", 2)) at = HEADER;
    else if (at == HEADER && (!len || *piece.s == '\r')) at = TEXT;
    else if (at == TEXT && piece.begins && is_command((struct field){ piece.s, len })) return text_addb(line, piece.s, len), true;
  }
  return false;
}

static _Noreturn void refuse(char const *identifier)
{
  list_die(LIST_REFUSED, &l, identifier, 0, 0);
}

/* A subject may be folded. */
static void read_line(stralloc *line)
{
  struct field const subject = list_header_value(&header, "subject");
  if (!config_file && (is_command(subject) || (subject.len && *subject.s == '_'))) subject_unfold(line, subject);
  else if (!command_in_body(line)) text_add(line, "help");
}

/* Without a file of lists it is for this one: else strangers could have us send mail wherever they like. */
static void be_for_own_list(void)
{
  struct request_name const own = { own_name(), own_host() }, named = request.list;
  if (named.box.s && (!same(named.box, own.box) || (named.host.s && !same(named.host, own.host)))) refuse("ERR_REQ_LOCAL");
  request.list = own;
}

static void read_command(char const *address)
{
  static stralloc line = STRALLOC_ZERO;
  bool const by_address = config_file && *address;
  if (!by_address) read_line(&line);
  bool const read = by_address ? list_request_command(&request, field_of(address))
                               : list_request_scan(&request, all_of(&line), config_file);
  if (!read) refuse("ERR_BAD_REQUEST");
  if (request.is_address && !split_address()) refuse("ERR_REQ_LOCAL");
  list_request_word(&word, request.word);
  if (!config_file) be_for_own_list();
}

/* ---- to a list ---- */

static void put_header(void)
{
  struct header_choice choice = { .keep = true };
  if (!list_settings(&choice.names, &l, "headerkeep", 0)) choice.keep = false, list_settings(&choice.names, &l, "headerremove", 0);
  list_mail_add("Delivered-To: request processor for ");
  list_mail_addx(&l.local), list_mail_add("@"), list_mail_addx(&l.host), list_mail_add("\n");
  for (size_t i = 0; i < mail_header_count(&header); i++) {
    struct mail_header_field const *f = mail_header_field(&header, i);
    if (header_choice_keeps(&choice, mail_header_name(&header, f))) list_mail_put(header.text.s + f->begin, f->end - f->begin);
  }
  list_mail_add("\n");
}

static void put_body(void)
{
  static struct line_pieces pieces;
  struct line_piece piece;
  int r;
  line_pieces_begin(&pieces, &header.body_start, &in);
  while ((r = line_pieces_next(&pieces, &piece)) == 1) list_mail_put(piece.s, piece.len);
  if (r == -1) list_die_system(&l, "ERR_READ_INPUT", 0);
}

/* "list-command-user=host@listhost"; who asks for himself is the user, as far as an address can say that. */
static void add_address(stralloc *to)
{
  struct list_request by_sender;
  struct request_name user = request.user;
  stralloc line = STRALLOC_ZERO;
  text_add(&line, "x "), text_addx(&line, &sender);
  if (!user.box.s && list_request_scan(&by_sender, all_of(&line), false)) user = by_sender.user;
  text_addb(to, request.list.box.s, request.list.box.len);
  text_add(to, "-"), text_addx(to, &word);
  if (user.box.s && user.host.s) {
    text_add(to, "-"), text_addb(to, user.box.s, user.box.len);
    text_add(to, "="), text_addb(to, user.host.s, user.host.len);
  }
  text_add(to, "@"), text_addb(to, request.list.host.s, request.list.host.len);
  stralloc_free(&line);
}

static void pass_on(void)
{
  stralloc to = STRALLOC_ZERO;
  char const *from = getenv("SENDER");
  add_address(&to);
  read_from_start();
  list_mail_open(&l);
  put_header();
  put_body();
  list_mail_sender(field_of(from));
  list_mail_to(all_of(&to));
  list_mail_close();
  stralloc_free(&to);
}

/* ---- answers of our own, with -f ---- */

/* An address is a line of its own, for scripts. */
static void put_known(struct known const *k, struct field about)
{
  stralloc line = STRALLOC_ZERO;
  text_addb(&line, k->box.s, k->box.len), text_add(&line, "@"), text_addb(&line, k->host.s, k->host.len), text_add(&line, "\n");
  if (about.len) text_add(&line, "\t"), text_addb(&line, about.s, about.len), text_add(&line, "\n");
  list_mail_addx(&line);
  stralloc_free(&line);
}

static void put_lists(struct field user)
{
  struct known k;
  (void)user;
  for (size_t at = 0; known_next(&k, &at); ) put_known(&k, k.about);
}

static bool reads(char const *table, struct field user)
{
  stralloc found = STRALLOC_ZERO;
  struct list const here = { .dir = "." };
  struct subscribers *s = subscribers_open(&here, table, 0);
  bool const is = subscribers_have(s, user, &found);
  subscribers_close(s);
  stralloc_free(&found);
  return is;
}

/* Lists that cannot be entered are passed over: others may own them. */
static void put_which(struct field user)
{
  struct known k;
  stralloc dir = STRALLOC_ZERO;
  int const own = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (own == -1) list_die_system(&l, "ERR_OPEN", l.dir);
  for (size_t at = 0; known_next(&k, &at); ) {
    text_setb(&dir, k.dir.s, k.dir.len);
    if (chdir(text_z(&dir)) == -1) continue;
    bool const is = reads(".", user);
    if (fchdir(own) == -1) list_die_system(&l, "ERR_CHDIR", l.dir);
    if (is) put_known(&k, (struct field){ "", 0 });
  }
  close(own);
  stralloc_free(&dir);
}

static void put_help(struct field user)
{
  stralloc help = STRALLOC_ZERO;
  (void)user;
  list_text_needed(&help, &l, "help", 0);
  list_mail_addx(&help);
  stralloc_free(&help);
}

static void put_fields(struct field to)
{
  stralloc fields = STRALLOC_ZERO;
  list_mail_add("Mailing-List: ezmlm-request\n");
  list_mail_date(&l, LIST_MAIL_REPLY);
  text_add(&fields, "From: "), text_addx(&fields, &l.local), text_add(&fields, "-help@"), text_addx(&fields, &l.host);
  text_add(&fields, "\nTo: ");
  list_sender_written(&fields, to);
  text_add(&fields, "\nDelivered-To: request processor for "), text_addx(&fields, &l.local), text_add(&fields, "@");
  text_addx(&fields, &l.host), text_add(&fields, "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=");
  text_addx(&fields, &l.charset), text_add(&fields, "\nSubject: ");
  list_say(&fields, &l, "SUB_RESULTS", 0);
  text_add(&fields, "\n\n");
  list_mail_addx(&fields);
  stralloc_free(&fields);
}

/* To whom it is about: nobody learns which lists somebody else reads. */
static void answer(void (*put)(struct field user))
{
  stralloc user = STRALLOC_ZERO, from = STRALLOC_ZERO;
  struct request_name const *asked = request.user.box.s ? &request.user : &request.list;
  if (put == put_which && asked->box.s && asked->host.s) {
    text_addb(&user, asked->box.s, asked->box.len), text_add(&user, "@"), text_addb(&user, asked->host.s, asked->host.len);
  } else text_addx(&user, &sender);
  if (!answer_limit_may(&l, &(struct answer){ .address = all_of(&user), .request = all_of(&word) })) return;
  list_mail_open(&l);
  put_fields(all_of(&user));
  put(all_of(&user));
  text_addx(&from, &l.local), text_add(&from, "-return-@"), text_addx(&from, &l.host);
  list_mail_sender(all_of(&from));
  list_mail_to(all_of(&user));
  list_mail_close();
  answer_limit_done();
  stralloc_free(&user), stralloc_free(&from);
}

/* What concerns no list, or all of them; null: it is for one. */
static void (*own_answer(void))(struct field user)
{
  if (field_is(all_of(&word), "lists")) return config_file ? put_lists : put_help;
  if (field_is(all_of(&word), "which")) return config_file ? put_which : put_help;
  bool const alone = config_file && !request.list.box.s && !request.user.box.s;
  return alone && (field_is(all_of(&word), "help") || field_is(all_of(&word), "query")) ? put_help : 0;
}

/* ---- */

static char const *address_asked(void)
{
  char const *address = getenv("DEFAULT");
  if (config_file && address) return address;
  if (!config_file) return list_default(&l);
  list_local(&l);
  return "";
}

static bool is_for_us(char const *address)
{
  if (!config_file) return !strncasecmp(address, "request", 7);
  if (strncasecmp(address, "return", 6) != 0) return true;
  list_inform(&l, "ERR_BOUNCE", 0);
  return false;
}

static bool is_answerable(void)
{
  list_sender(&sender, &l);
  char const *why = list_sender_is_bounce(all_of(&sender)) ? "ERR_BOUNCE" : list_sender_is_anonymous(all_of(&sender)) ? "ERR_ANONYMOUS" : 0;
  if (why) list_inform(&l, why, 0);
  return !why;
}

static void refuse_lists_and_loops(void)
{
  struct field list;
  if (mail_header_find(&list, &header, "mailing-list")) refuse("ERR_MAILING_LIST");
  if (list_header_marked(&header, &l, "request processor for")) refuse("ERR_LOOPING");
}

int main(int argc, char const *const *argv)
{
  struct list_option const options[] = { { 'f', OPTION_TEXT, &config_file, 0 }, { 0 } };
  PROG = "ezmlm-request";
  list_options(&l, argc, argv, options, LIST_NEEDED, USAGE);
  char const *address = address_asked();
  if (!is_for_us(address)) return 0;
  if (!is_answerable()) return LIST_STOP;
  if (config_file && !list_settings(&config, &l, config_file, 0)) list_die(LIST_TROUBLE, &l, "ERR_OPEN", config_file, 0);
  read_from_start();
  refuse_lists_and_loops();
  read_command(address);
  void (*put)(struct field user) = own_answer();
  if (put && list_header_automatic(&header)) list_inform(&l, "ERR_AUTOMATIC", 0);
  else if (put) answer(put);
  else {
    if (!request.list.box.s) refuse("ERR_REQ_LISTNAME");
    if (config_file) complete_host();
    pass_on();
  }
  return LIST_STOP;
}
