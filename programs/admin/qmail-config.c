/* qmail-config: give a fresh installation its control files.

   runs as   root, by hand or from qmail-setup
   reads     templates/, and without an argument the host's name and the names of its addresses (DNS); for a host without a queue
             of its own the addresses of the one that has it
   changes   control/: adds me, defaultdomain, plusdomain, locals, rcpthosts and every template that is not
             there yet; a file that exists stays as it is
   becomes   qmail-setup nullclient, for such a host
   exits     0; 100 for a name that cannot be one; 111 when the machine fails us
*/

#include <dirent.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "control.h"
#include "die.h"
#include "home.h"
#include "host_name.h"
#include "lines.h"
#include "lock.h"
#include "replace.h"
#include "text.h"

#define USAGE "qmail-config [ nullclient HOST ] [ NAME ]"
#define TEMPLATES "templates"
#define LOCK "control/.lock"

static stralloc me = STRALLOC_ZERO;
static stralloc stayed = STRALLOC_ZERO;          /* names of files that were there */
static stralloc local_names = STRALLOC_ZERO;     /* one line for each name mail to which is ours */

static void say(char const *a, char const *b, char const *c)
{
  buffer_puts(buffer_1, a);
  buffer_puts(buffer_1, b);
  buffer_puts(buffer_1, c);
  if (!buffer_flush(buffer_1)) strerr_diefusys(111, "write standard output");
}

/* ---- writing: whole or not at all, and never twice ---- */

static void write_file(char const *path, char const *s, size_t len)
{
  struct replacement r = REPLACEMENT_ZERO;
  stralloc aside = STRALLOC_ZERO;
  text_set(&aside, path);
  text_add(&aside, ".tmp");
  if (!replace_begin(&r, path, text_z(&aside), 0644) || !replace_write(&r, s, len) || !replace_commit(&r)) replace_die(&r);
  stralloc_free(&aside);
}

static bool is_there(char const *file)
{
  int r = control_exists(file);
  if (r == -1) strerr_diefusys(111, "stat control/", file);
  return r == 1;
}

/* The text of a control file, unless it is there: then somebody meant it so. */
static void give(char const *file, char const *s, size_t len)
{
  stralloc path = STRALLOC_ZERO;
  if (is_there(file)) {
    text_add(&stayed, stayed.len ? ", " : "");
    text_add(&stayed, file);
    return;
  }
  text_set(&path, "control/");
  text_add(&path, file);
  write_file(text_z(&path), s, len);
  stralloc_free(&path);
}

static void give_line(char const *file, char const *s, size_t len)
{
  stralloc line = STRALLOC_ZERO;
  text_setb(&line, s, len);
  text_z(&line);
  if (!is_there(file)) {
    say("Putting ", line.s, " into ");
    say("control/", file, "...\n");
  }
  text_addc(&line, '\n');
  give(file, line.s, line.len);
  stralloc_free(&line);
}

/* ---- this host's name ---- */

static void use_name(char const *name)
{
  text_set(&me, name);
  case_lowerb(me.s, me.len);
  if (!host_name_is_full(me.s, me.len))
    strerr_dief(100, "not a full host name, such as mail.example.org: ", name);
}

static void add_local_name(char const *name)
{
  size_t len = strlen(name);
  size_t i = 0;
  while (i < local_names.len) {
    size_t line = byte_chr(local_names.s + i, local_names.len - i, '\n');
    if (line == len && case_diffb(local_names.s + i, len, name) == 0) return;
    i += line + 1;
  }
  text_addb(&local_names, name, len);
  case_lowerb(local_names.s + local_names.len - len, len);
  text_addc(&local_names, '\n');
}

/* The name the resolver completes the host's own name to. */
static void ask_for_name(void)
{
  char name[HOST_NAME_MAX_LEN + 2];
  if (gethostname(name, sizeof name) == -1) strerr_diefusys(111, "get the host name");
  name[sizeof name - 1] = 0;
  say("Your hostname is ", name, ".\n");
  struct addrinfo hints = { .ai_flags = AI_CANONNAME, .ai_socktype = SOCK_STREAM }, *info = 0;
  char const *full = getaddrinfo(name, 0, &hints, &info) == 0 && info->ai_canonname ? info->ai_canonname : name;
  if (!host_name_is_full(full, strlen(full)))
    strerr_dief(111, "the network knows no full name of this host: say qmail-config NAME with one, not just ", full);
  use_name(full);
  if (info) freeaddrinfo(info);
  text_z(&me);
  say("Your host's fully qualified name in DNS is ", me.s, ".\n");
}

static socklen_t address_size(struct sockaddr const *address)
{
  switch (address->sa_family) {
    case AF_INET: return sizeof(struct sockaddr_in);
    case AF_INET6: return IN6_IS_ADDR_LINKLOCAL(&((struct sockaddr_in6 const *)(void const *)address)->sin6_addr)
      ? 0 : sizeof(struct sockaddr_in6);
  }
  return 0;
}

static void ask_for_address(struct sockaddr const *address)
{
  char text[64], name[NI_MAXHOST];
  socklen_t size = address_size(address);
  if (!size || getnameinfo(address, size, text, sizeof text, 0, 0, NI_NUMERICHOST) != 0) return;
  if (getnameinfo(address, size, name, sizeof name, 0, 0, NI_NAMEREQD) != 0 || !host_name_ok(name, strlen(name))) {
    say(text, ": no name in DNS, so none is added.\n", "");
    return;
  }
  say(text, ": Adding ", name);
  say(" to control/locals...\n", "", "");
  add_local_name(name);
}

static void ask_for_addresses(void)
{
  struct ifaddrs *all;
  if (getifaddrs(&all) == -1) strerr_diefusys(111, "list the addresses of this host");
  say("Checking local IP addresses:\n", "", "");
  for (struct ifaddrs *a = all; a; a = a->ifa_next)
    if (a->ifa_addr) ask_for_address(a->ifa_addr);
  freeifaddrs(all);
}

/* Who has locals but no rcpthosts means to get mail for these. */
static void take_locals(void)
{
  stralloc text = STRALLOC_ZERO;
  if (control_slurp(&text, "locals") == -1) strerr_diefusys(111, "read ", "control/locals");
  for (size_t i = 0, len; i < text.len; i += len + 1) {
    len = byte_chr(text.s + i, text.len - i, '\n');
    if (i + len == text.len) text_addc(&text, 0);
    text.s[i + len] = 0;
    if (host_name_ok(text.s + i, strlen(text.s + i))) add_local_name(text.s + i);
  }
  stralloc_free(&text);
}

/* What control/me says rules; then the name given; then what the network knows. */
static void find_names(char const *given)
{
  stralloc there = STRALLOC_ZERO;
  int r = control_line(&there, "me");
  if (r == -1) strerr_diefusys(111, "read ", "control/me");
  if (r == 1 && there.len) {
    text_z(&there);
    if (given && strcasecmp(given, there.s) != 0)
      strerr_warnw("control/me says ", there.s, " and stays; to rename this host see qmail-config(8)");
    use_name(there.s);
  } else if (given) {
    use_name(given);
  } else {
    ask_for_name();
    ask_for_addresses();
  }
  take_locals();
  add_local_name(text_z(&me));
  stralloc_free(&there);
}

/* ---- the files ---- */

static void give_me_and_domains(void)
{
  size_t domain = host_name_default_domain(me.s, me.len);
  size_t plus = host_name_plus_domain(me.s, me.len);
  give_line("me", me.s, me.len);
  give_line("defaultdomain", me.s + domain, me.len - domain);
  give_line("plusdomain", me.s + plus, me.len - plus);
}

/* Into text: the template; false when there is none, or a directory of others. */
static bool take_template(stralloc *text, char const *file)
{
  stralloc path = STRALLOC_ZERO;
  text_set(&path, TEMPLATES "/");
  text_add(&path, file);
  text->len = 0;
  bool there = openslurpclose(text, text_z(&path));
  if (!there && errno != ENOENT && errno != EISDIR) strerr_diefusys(111, "read ", path.s);
  stralloc_free(&path);
  return there;
}

/* The template's names, then ours. */
static void give_names(char const *file)
{
  stralloc text = STRALLOC_ZERO, all = STRALLOC_ZERO;
  take_template(&text, file);
  if (text.len && text.s[text.len - 1] != '\n') text_addc(&text, '\n');
  text_addb(&all, text.s, text.len);
  for (size_t i = 0, len; i < local_names.len; i += len) {
    len = byte_chr(local_names.s + i, local_names.len - i, '\n') + 1;
    if (!memmem(text.s, text.len, local_names.s + i, len)) text_addb(&all, local_names.s + i, len);
  }
  if (!is_there(file)) {
    text_z(&me);
    say("Putting ", me.s, " into ");
    say("control/", file, "...\n");
  }
  give(file, all.s, all.len);
  stralloc_free(&text);
  stralloc_free(&all);
}

static struct dirent *next_template(DIR *dir)
{
  errno = 0;
  struct dirent *d = dir ? readdir(dir) : 0;
  if (!d && errno) strerr_diefusys(111, "read ", TEMPLATES);
  return d;
}

static void give_other_templates(void)
{
  stralloc text = STRALLOC_ZERO;
  DIR *dir = opendir(TEMPLATES);
  if (!dir && errno != ENOENT) strerr_diefusys(111, "open ", TEMPLATES);
  for (struct dirent *d; (d = next_template(dir));) {
    if (d->d_name[0] == '.' || is_there(d->d_name) || !take_template(&text, d->d_name)) continue;
    say("Copying " TEMPLATES "/", d->d_name, " into control...\n");
    give(d->d_name, text.s, text.len);
  }
  if (dir) closedir(dir);
  stralloc_free(&text);
}

static void say_what_stayed(void)
{
  if (stayed.len) say("Already in control, and left as it was: ", text_z(&stayed), ".\n");
  else
    say("SMTP clients from elsewhere may send only to the names in control/rcpthosts:\n"
        "whoever adds a name to locals or virtualdomains adds it there too.\n", "", "");
}

/* ---- a host that has no queue of its own ---- */

static void add_server(stralloc *lines, struct addrinfo const *a)
{
  char text[64];
  struct text_line line = { .s = text };
  if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, 0, 0, NI_NUMERICHOST) != 0) return;
  line.len = strcspn(text, "%");
  lines_add(lines, line);
}

/* The addresses of the one that queues for this one, as DNS has them now. */
static void give_servers(char const *host)
{
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *all = 0;
  stralloc lines = STRALLOC_ZERO;
  int r = getaddrinfo(host, 0, &hints, &all);
  if (r) strerr_dief(111, "the network knows no address of ", host, ": ", gai_strerror(r));
  for (struct addrinfo const *a = all; a; a = a->ai_next) add_server(&lines, a);
  freeaddrinfo(all);
  if (!is_there("qmqpservers")) say("Putting the addresses of ", host, " into control/qmqpservers...\n");
  give("qmqpservers", lines.s, lines.len);
  stralloc_free(&lines);
}

static _Noreturn void become_null_client(char const *host, char const *name)
{
  static char const *const argv[] = { "qmail-setup", "nullclient", 0 };
  find_names(name);
  give_servers(host);
  give_me_and_domains();
  if (stayed.len) say_what_stayed();
  execv(HOME "/bin/qmail-setup", (char *const *)argv);
  strerr_diefusys(111, "run qmail-setup");
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-config";
  bool is_null_client = argc > 1 && !strcmp(argv[1], "nullclient");
  char const *name = argv[is_null_client ? argc > 3 ? 3 : argc : argc > 1 ? 1 : argc];
  if (argc > (is_null_client ? 4 : 2) || (is_null_client && argc < 3) || (argc > 1 && argv[argc - 1][0] == '-')) strerr_dieusage(100, USAGE);
  enter_home();
  lock_own_file_or_die(LOCK);
  if (is_null_client) become_null_client(argv[2], name);
  find_names(name);
  give_me_and_domains();
  give_names("locals");
  give_names("rcpthosts");
  give_other_templates();
  say_what_stayed();
  return 0;
}
