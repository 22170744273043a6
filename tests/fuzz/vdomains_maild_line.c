/* A line as vpopmaild reads it from the network, byte by byte in its buffer: it keeps its bound, and its words lie in it, have no
   blanks but the last, and are all of its bytes but blanks. */

#include "fuzz.h"

#include "maild_line.h"
#include "maild_show.h"
#include "net.h"

enum { LINE = 64, MOST = 3 };

_Noreturn static void lost(struct net *n, enum net_loss why)
{
  (void)n, (void)why;
  abort();
}

static size_t without_blanks(char const *s)
{
  size_t n = 0;
  for (; *s; s++) n += *s != ' ';
  return n;
}

static void judge_words(char const *line)
{
  char copy[LINE + 1], *words[MOST + 1] = { 0 };
  size_t bytes = 0;
  strcpy(copy, line);
  char const *behind = maild_line_cut(copy);
  assert(behind >= copy && behind <= copy + strlen(line) && !strchr(copy, ' '));
  maild_show_flag(copy);
  for (int most = 0; most <= MOST; most++, bytes = 0) {
    strcpy(copy, line);
    int const count = maild_line_words(words, copy, most);
    assert(count >= 0 && count <= most);
    for (int i = 0; i < count; i++) {
      assert(words[i] >= copy && words[i] < copy + LINE && *words[i] && *words[i] != ' ');
      assert(i == most - 1 || !strchr(words[i], ' '));
      bytes += without_blanks(words[i]);
    }
    assert(!most || bytes == without_blanks(line));
  }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct net net;
  static char line[LINE + 1];
  size_t len;
  bool bare;
  net_init(&net, -1, -1, 1, 1, lost);
  for (size_t at = 0; at < size; at += net.end) {
    net.begin = net.end = 0;
    while (net.end < sizeof net.input && at + net.end < size) {
      net.input[net.end] = (char)data[at + net.end];
      if (net.input[net.end++] == '\n') break;
    }
    if (net.input[net.end - 1] != '\n') return 0;
    enum net_line r = net_line(&net, line, LINE, &len, &bare);
    assert(net.begin == net.end && (r != NET_LINE || len <= LINE));
    if (r != NET_LINE || memchr(line, 0, len)) continue;
    line[len] = 0;
    judge_words(line);
  }
  return 0;
}
