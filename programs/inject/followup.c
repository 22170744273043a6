#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "address.h"
#include "followup.h"
#include "text.h"

static bool read_whole(stralloc *to, int fd)
{
  struct stat st;
  if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) || st.st_size > FOLLOWUP_FILE_MAX) return false;
  if (!bytes_ready(to, (size_t)st.st_size + 1)) die_nomem();
  to->len = allread(fd, to->s, (size_t)st.st_size);
  return to->len == (size_t)st.st_size;
}

void followup_lists(struct followup *f)
{
  stralloc text = STRALLOC_ZERO;
  char const *file = getenv("QMAILMFTFILE");
  int fd = file ? openc_read(file) : -1;
  if (fd == -1) return;
  if (read_whole(&text, fd) && !nameset_list(&f->lists, text.s, text.len)) die_nomem();
  fd_close(fd);
  stralloc_free(&text);
}

void followup_see(struct followup *f, char const *address, size_t len)
{
  size_t begin = f->addresses.len;
  if (!f->lists.count || !len) return;
  if (!genalloc_append(size_t, &f->begins, &begin)) die_nomem();
  text_addb(&f->addresses, address, len);
  if (nameset_has(&f->lists, address, len)) f->wanted = true;
}

void followup_field(stralloc *to, struct followup const *f)
{
  size_t const *begins = genalloc_s(size_t const, &f->begins);
  size_t end = f->addresses.len;
  text_add(to, "Mail-Followup-To: ");
  for (size_t i = genalloc_len(size_t, &f->begins); i-- > 0;) {
    if (!address_quote(to, f->addresses.s + begins[i], end - begins[i])) die_nomem();
    end = begins[i];
    text_add(to, i ? ",\n  " : "\n");
  }
}
