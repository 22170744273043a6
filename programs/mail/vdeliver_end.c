#include <errno.h>
#include <stdarg.h>

#include <skalibs/types.h>

#include "bytes.h"
#include "reason.h"
#include "vdeliver_internal.h"

static int join(stralloc *to, va_list texts)
{
  to->len = 0;
  for (char const *s; (s = va_arg(texts, char const *));)
    if (!bytes_add(to, s)) return 0;
  return bytes_z(to);
}

int vdeliver_join(stralloc *to, ...)
{
  va_list texts;
  va_start(texts, to);
  int r = join(to, texts);
  va_end(texts);
  return r;
}

bool vdeliver_decide(struct vdeliver *v, enum vdeliver_code code)
{
  v->code = code;
  v->is_decided = true;
  return false;
}

bool vdeliver_end(struct vdeliver *v, enum vdeliver_code code, ...)
{
  va_list texts;
  va_start(texts, code);
  if (!join(&v->text, texts)) v->text.len = 0;
  va_end(texts);
  return vdeliver_decide(v, code);
}

bool vdeliver_slip(struct vdeliver *v, char const *file, size_t line, char const *fault)
{
  char digits[UINT64_FMT];
  digits[uint64_fmt(digits, line)] = 0;
  return vdeliver_end(v, VDELIVER_LATER, "Uh-oh: ", file, " of ", v->address.s, " line ", digits, ": ", fault, ". (#4.2.1)",
                      (char *)0);
}

bool vdeliver_no_memory(struct vdeliver *v)
{
  return vdeliver_end(v, VDELIVER_LATER, "Out of memory. (#4.3.0)", (char *)0);
}

bool vdeliver_trouble(struct vdeliver *v, char const *what, char const *name)
{
  char const *why = reason(errno);
  return vdeliver_end(v, VDELIVER_LATER, "Unable to ", what, name, ": ", why, ". (#4.3.0)", (char *)0);
}
