/* libnss_directory: a name service far away, for tests. It answers from /run/directory, in the form of passwd(5)
   (shadow(5) from /run/directory.shadow); while that file is not there the service is down. */

#include <errno.h>
#include <nss.h>
#include <pwd.h>
#include <shadow.h>
#include <stdio.h>
#include <string.h>

enum nss_status _nss_directory_getpwnam_r(char const *name, struct passwd *to, char *text, size_t size, int *error);
enum nss_status _nss_directory_getpwuid_r(uid_t uid, struct passwd *to, char *text, size_t size, int *error);
enum nss_status _nss_directory_getspnam_r(char const *name, struct spwd *to, char *text, size_t size, int *error);

static enum nss_status status(int r, int *error)
{
  if (!r) return NSS_STATUS_SUCCESS;
  *error = r;
  return r == ERANGE ? NSS_STATUS_TRYAGAIN : r == ENOENT ? NSS_STATUS_NOTFOUND : NSS_STATUS_UNAVAIL;
}

/* The account with this name or, without one, this number. */
static enum nss_status find(char const *name, uid_t uid, struct passwd *to, char *text, size_t size, int *error)
{
  struct passwd *entry = 0;
  FILE *file = fopen("/run/directory", "re");
  if (!file) return NSS_STATUS_UNAVAIL;
  int r;
  while (!(r = fgetpwent_r(file, to, text, size, &entry)) && (name ? strcmp(entry->pw_name, name) != 0 : entry->pw_uid != uid));
  fclose(file);
  return status(r, error);
}

enum nss_status _nss_directory_getpwnam_r(char const *name, struct passwd *to, char *text, size_t size, int *error)
{
  return find(name, 0, to, text, size, error);
}

enum nss_status _nss_directory_getpwuid_r(uid_t uid, struct passwd *to, char *text, size_t size, int *error)
{
  return find(0, uid, to, text, size, error);
}

enum nss_status _nss_directory_getspnam_r(char const *name, struct spwd *to, char *text, size_t size, int *error)
{
  struct spwd *entry = 0;
  FILE *file = fopen("/run/directory.shadow", "re");
  if (!file) return NSS_STATUS_UNAVAIL;
  int r;
  while (!(r = fgetspent_r(file, to, text, size, &entry)) && strcmp(entry->sp_namp, name) != 0);
  fclose(file);
  return status(r, error);
}
