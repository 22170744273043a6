/* ezmlm-oneclick: take an address from a mailing list at one click (RFC 8058).

   runs as   the list's owner, by a web server
   reads     REQUEST_METHOD, QUERY_STRING, CONTENT_TYPE, CONTENT_LENGTH, SCRIPT_NAME; a form on descriptor 0; .ezcgirc, or ezcgirc in
             EZMLM_ETC; key and settings of the list
   changes   subscribers and Log of the list, for POST with a valid link and List-Unsubscribe=One-Click; nothing for anything else
   exits     0 when something has been said, an error too; 100 as root, 111 when it could not be said

   A child does the work and says that it is done when it is, on disk. Whatever it dies of, the answer is then that it has to be
   tried again; so it is, too, when it takes too long.
*/

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "list_words.h"
#include "number.h"
#include "oneclick.h"
#include "subscribers.h"
#include "text.h"
#include "web_site.h"
#include "web_text.h"

enum { SECONDS = 60, OWN_HASH = -1 };

/* The hash in Content-Security-Policy is that of this text: a test holds them together. */
#define STYLE ":root{color-scheme:light dark}body{max-width:40em;margin:auto;padding:1em;font:1.2em/1.4 sans-serif;overflow-wrap:anywhere}" \
  "button{font:inherit;padding:.6em 1em}"
#define STYLE_HASH "GVAGPfLrvIttu5pum2ltrIdYhTOZt6OGfk15S9c+O0w="

#define LATER "This cannot be done just now. Please try again later."
#define LATER_STATUS "503\nRetry-After: 300"
static struct list list = LIST_ZERO;
static struct oneclick asked;
static struct web_config config;
static stralloc page = STRALLOC_ZERO;
static pid_t volatile child;      /* while it is at work */

/* ---- the page ---- */

static void add(char const *s) { text_add(&page, s); }

/* In the list's words, which are in its charset. */
static void add_sentence(char const *identifier)
{
  stralloc text = STRALLOC_ZERO, plain = STRALLOC_ZERO;
  struct list_tags const tags = { .table = asked.table, .target = { asked.address.s, asked.address.len } };
  list_say(&text, &list, identifier, &tags);
  web_utf8_add(&plain, (struct field){ text.s, text.len }, text_z(&list.charset));
  web_text_add(&page, (struct field){ plain.s, plain.len }, WEB_SHOW);
  stralloc_free(&text), stralloc_free(&plain);
}

static void add_head(char const *identifier)
{
  add("Content-Type: text/html; charset=utf-8\nCache-Control: no-store\n"
      "Content-Security-Policy: default-src 'none'; style-src 'sha256-" STYLE_HASH "'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'\n"
      "X-Content-Type-Options: nosniff\nReferrer-Policy: no-referrer\n\n"
      "<!DOCTYPE html>\n<html><head><meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"robots\" content=\"noindex, nofollow\">\n<title>");
  add_sentence(identifier);
  add("</title>\n<style>" STYLE "</style>\n</head><body>\n<p>");
  add_sentence(identifier);
  add("</p>\n");
}

static void add_button(void)
{
  add("<form method=\"post\" action=\"");
  web_url_add(&page, web_site_variable("SCRIPT_NAME"));
  add("?"), web_text_add(&page, web_site_variable("QUERY_STRING"), WEB_SHOW);
  add("\"><input type=\"hidden\" name=\"List-Unsubscribe\" value=\"One-Click\"><button>"), add_sentence("TXT_ONECLICK_BUTTON"), add("</button></form>\n");
}

static void say(void)
{
  add("</body></html>\n");
  web_site_put(&page);
}

/* ---- what is asked ---- */

/* The body, as long as it says it is. */
static void read_body(stralloc *to)
{
  uint64_t length;
  struct field const said = web_site_variable("CONTENT_LENGTH");
  if (!said.len || number_scan(said.s, said.len, &length) != said.len) web_site_fail("411", "This request does not say how long it is.");
  if (length > ONECLICK_BODY_MAX) web_site_fail("413", "This request is too long.");
  text_room(to, length + 1);
  to->len = allread(0, to->s, length);
  if (to->len < length) web_site_fail(LATER_STATUS, LATER);
}

static void refuse_other_forms(void)
{
  stralloc body = STRALLOC_ZERO;
  read_body(&body);
  if (!oneclick_is_said(web_site_variable("CONTENT_TYPE"), (struct field){ body.s, body.len }))
    web_site_fail("400", "This request does not say List-Unsubscribe=One-Click.");
  stralloc_free(&body);
}

static bool changes_something(void)
{
  struct field const method = web_site_variable("REQUEST_METHOD");
  if (field_is(method, "POST")) return true;
  if (!field_is(method, "GET") && !field_is(method, "HEAD")) web_site_fail("405\nAllow: GET, HEAD, POST", "This is neither asked nor sent.");
  return false;
}

static void find_list(void)
{
  switch (web_site_find(&config, asked.list)) {
    case -1: web_site_fail(LATER_STATUS, LATER);
    case 0: web_site_fail("404", "There is no such list here.");
  }
}

/* ---- the work ---- */

static void enter(void)
{
  static stralloc dir = STRALLOC_ZERO;
  text_setb(&dir, config.dir.s, config.dir.len);
  list_enter(&list, text_z(&dir));
  if (!oneclick_is_ours(&asked, (struct field){ list.key.s, list.key.len }, (uint64_t)time(0)))
    web_site_fail("403", "This link is none of ours, or too old: write to the address for help that is in each mail of the list.");
}

static void unsubscribe(void)
{
  struct subscribers *s = subscribers_open(&list, asked.table, 0);
  subscribers_remove(s, (struct field){ asked.address.s, asked.address.len }, &(struct subscribers_event){ "-click", { "", 0 } }, OWN_HASH);
  subscribers_close(s);
}

/* Who is not there any more hears the same: a click may come twice. */
static void work(bool changes)
{
  enter();
  if (changes) unsubscribe(), add_head("TXT_ONECLICK_DONE");
  else add_head("TXT_ONECLICK_ASK"), add_button();
  say();
}

static bool has_said(int status)
{
  return WIFEXITED(status) && !WEXITSTATUS(status);
}

/* What the child has said by then is the answer. In a handler nothing may ask for memory. */
static void too_late(int signal)
{
  int status = -1;
  (void)signal;
  if (child) {
    kill(child, SIGKILL);
    while (waitpid(child, &status, 0) == -1)
      if (errno != EINTR) return;
  }
  if (!has_said(status)) allwrite(1, WEB_SITE_FAILURE(LATER_STATUS, LATER), sizeof WEB_SITE_FAILURE(LATER_STATUS, LATER) - 1);
  _exit(0);
}

static void hurry(void)
{
  sigaction(SIGALRM, &(struct sigaction){ .sa_handler = too_late, .sa_flags = SA_RESTART }, 0);
  alarm(SECONDS);
}

/* Who asked is told even when the alarm comes between the child's beginning and our knowing of it. */
static void work_in_a_child(bool changes)
{
  int status;
  sigset_t late, before;
  sigemptyset(&late), sigaddset(&late, SIGALRM);
  sigprocmask(SIG_BLOCK, &late, &before);
  pid_t const begun = fork();
  if (!begun) sigprocmask(SIG_SETMASK, &before, 0), signal(SIGALRM, SIG_DFL), work(changes), _exit(0);
  child = begun == -1 ? 0 : begun;
  sigprocmask(SIG_SETMASK, &before, 0);
  if (begun == -1 || wait_pid(begun, &status) == -1 || !has_said(status)) web_site_fail(LATER_STATUS, LATER);
}

int main(void)
{
  PROG = "ezmlm-oneclick";
  if (!geteuid() || !getuid()) strerr_dief(LIST_REFUSED, "refusing to run as root");
  hurry();
  bool const changes = changes_something();
  if (!oneclick_read(&asked, web_site_variable("QUERY_STRING"))) web_site_fail("400", "This is no link of a list.");
  if (changes) refuse_other_forms();
  find_list();
  work_in_a_child(changes);
  return 0;
}
