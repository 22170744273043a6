#include <stdio.h>

#include "app_file.h"
#include "bytes.h"
#include "home_lines.h"
#include "user_home.h"

static bool line_is(struct app_password *p, struct field line, struct field user)
{
  return app_password_parse(p, line.s, line.len) && field_same(p->user, user);
}

bool app_file_next(struct app_password *p, stralloc const *text, struct field user, size_t *at)
{
  struct field line;
  while (home_lines_next_of(&line, text, user, at))
    if (line_is(p, line, user)) return true;
  return false;
}

size_t app_file_without(stralloc *to, stralloc const *text, struct field user, struct field name)
{
  struct app_password p;
  struct field line;
  size_t count = 0;
  to->len = 0;
  for (size_t at = 0; home_lines_next(&line, text, &at);) {
    bool goes = line_is(&p, line, user) && (!name.len || field_same(p.name, name));
    count += goes;
    if (!goes && !(bytes_addb(to, line.s, line.len) && bytes_addc(to, '\n'))) return SIZE_MAX;
  }
  return count;
}

void app_file_use(char name[APP_FILE_USE_SIZE], struct app_password const *p)
{
  snprintf(name, APP_FILE_USE_SIZE, USER_HOME_LOGIN ".%.*s", (int)p->name.len, p->name.s);
}
