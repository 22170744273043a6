#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#include <stdio.h>

#include "vdelivermail_line.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))
#define V "/home/vpopmail/bin/vdelivermail"

static struct { char const *line; enum vdelivermail_action action; char const *program, *target; } const lines[] = {
  { "| " V " '' bounce-no-mailbox", VDELIVERMAIL_BOUNCE, V, "bounce-no-mailbox" },
  { "|" V " '' bounce-no-mailbox", VDELIVERMAIL_BOUNCE, V, "bounce-no-mailbox" },
  { "| \t " V "\t\"\"  delete \t", VDELIVERMAIL_DELETE, V, "delete" },
  { "| /bin/vdelivermail '' delete", VDELIVERMAIL_DELETE, "/bin/vdelivermail", "delete" },
  { "| " V " '' /home/vpopmail/domains/a.example/joe", VDELIVERMAIL_DIRECTORY, V, "/home/vpopmail/domains/a.example/joe" },
  { "| " V " '' /", VDELIVERMAIL_DIRECTORY, V, "/" },
  { "| " V " '' /a@b", VDELIVERMAIL_DIRECTORY, V, "/a@b" },
  { "| " V " '' joe@example.net", VDELIVERMAIL_FORWARD, V, "joe@example.net" },
  { "| " V " '' joe+x=y@example.net", VDELIVERMAIL_FORWARD, V, "joe+x=y@example.net" },
  { "| " V " '' $EXT@example.net", VDELIVERMAIL_FORWARD_SAME, V, "example.net" },
};

static char const *const others[] = {
  "", "|", "| ", V " '' delete", "& " V " '' delete", "# | " V " '' delete",
  "| " V, "| " V " ''", "| " V " delete", "| " V " '' delete x", "| " V " '' delete '' delete", "| " V " x delete",
  "| " V " ' ' delete", "| " V " '\" delete", "| " V " ''x delete", "| " V "'' delete",
  "| vdelivermail '' delete", "| ./bin/vdelivermail '' delete", "| bin/vdelivermail '' delete",
  "| /home/vpopmail/vdelivermail '' delete", "| /home/xbin/vdelivermail '' delete", "| " V "x '' delete",
  "| /home/vpopmail/bin/vdelivermail/ '' delete", "| /home/$X/bin/vdelivermail '' delete", "| /h*/bin/vdelivermail '' delete",
  "| preline " V " '' delete", "| exec " V " '' delete", "| X=y " V " '' delete",
  "| " V " '' Delete", "| " V " '' 'delete'", "| " V " '' \"$EXT@example.net\"", "| " V " '' ${EXT}@example.net",
  "| " V " '' $EXT", "| " V " '' $EXT@", "| " V " '' $DEFAULT@example.net", "| " V " '' x$EXT@example.net",
  "| " V " '' $EXT@$HOST", "| " V " '' joe", "| " V " '' joe@", "| " V " '' @example.net", "| " V " '' ./Maildir/",
  "| " V " '' ~joe", "| " V " '' /a;b", "| " V " '' delete;", "| " V " '' delete&", "| " V " '' delete>x", "| " V " '' /a/*",
  "| " V " '' delete #x", "| " V " '' de\\lete", "| " V " '' `x`", "| " V " '' joe!@example.net", "| " V " '' delete\r",
  "| " V " '' delete\n", "| " V "\n '' delete", "| " V " '' j\xc3\xb6@example.net"
};

static void is_text(struct field f, char const *text)
{
  assert_int_equal(f.len, strlen(text));
  assert_memory_equal(f.s, text, f.len);
}

static void what_such_a_line_says(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(lines); i++) {
    struct vdelivermail_line line;
    if (!vdelivermail_line_parse(&line, lines[i].line, strlen(lines[i].line))) fail_msg("%s", lines[i].line);
    assert_int_equal(line.action, lines[i].action);
    is_text(line.program, lines[i].program);
    is_text(line.target, lines[i].target);
  }
}

static void all_other_lines(void **state)
{
  (void)state;
  struct vdelivermail_line line;
  for (size_t i = 0; i < COUNT(others); i++)
    if (vdelivermail_line_parse(&line, others[i], strlen(others[i]))) fail_msg("%s", others[i]);
  static char const with_nul[] = "| " V " '' delete\0";
  assert_false(vdelivermail_line_parse(&line, with_nul, sizeof with_nul - 1));
}

/* The line with a shell function in the program's place: it gets two arguments, of which the first is empty. */
static void a_shell_reads_it_the_same(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(lines); i++) {
    struct vdelivermail_line line;
    char script[500];
    assert_true(vdelivermail_line_parse(&line, lines[i].line, strlen(lines[i].line)));
    char const *behind = line.program.s + line.program.len;
    snprintf(script, sizeof script, "EXT=joe; f() { test $# = 2 -a -z \"$1\" -a \"$2\" = '%s%.*s'; }; f %s",
             line.action == VDELIVERMAIL_FORWARD_SAME ? "joe@" : "", (int)line.target.len, line.target.s, behind);
    assert_int_equal(system(script), 0);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(what_such_a_line_says),
    cmocka_unit_test(all_other_lines),
    cmocka_unit_test(a_shell_reads_it_the_same)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
