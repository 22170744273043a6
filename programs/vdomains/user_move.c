#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "dir_file.h"
#include "home_place.h"
#include "home_swap.h"
#include "lines.h"
#include "memory.h"
#include "store_refuse.h"
#include "text.h"
#include "tree.h"
#include "user_move.h"

#define NOTE ".moving"

enum { NOTE_MAX = 64 << 20 };

struct moving {
  struct store_domain const *domain;
  char const *path;                     /* of the domain's directory */
};

/* ---- the two ends of a move ---- */

struct move_ends { struct home_place place; struct home_end from, to; };

/* A directory that is gone has no home to move, and a record that leads elsewhere is none of ours. */
static bool ends_open(struct move_ends *ends, struct moving const *m, struct user_move const *move)
{
  struct vpasswd const record = { .name = move->name, .dir = move->dir };
  if (!home_place_find(&ends->place, m->path, &record)) return false;
  int from = home_place_open(&ends->place, m->domain->directory);
  if (from == -1) return false;
  int to = tree_enter_path(m->domain->directory, move->slot, 0750);
  if (to == -1) home_trouble("open ", move->slot);
  ends->from = (struct home_end){ from, ends->place.name.s };
  ends->to = (struct home_end){ to, ends->place.name.s };
  return true;
}

static void ends_close(struct move_ends const *ends)
{
  fd_close(ends->from.parent);
  fd_close(ends->to.parent);
}

static void with_each(struct moving const *m, struct user_move *moves, size_t count,
                      void (*does)(struct move_ends const *ends, struct user_move *move))
{
  static struct move_ends ends = { .place = HOME_PLACE_ZERO };
  for (size_t i = 0; i < count; i++) {
    if (moves[i].is_stuck || !ends_open(&ends, m, moves + i)) continue;
    does(&ends, moves + i);
    ends_close(&ends);
  }
}

static void begin_one(struct move_ends const *ends, struct user_move *move)
{
  move->is_stuck = !home_swap_begin(ends->to);
}

static void swap_one(struct move_ends const *ends, struct user_move *move)
{
  (void)move;
  home_swap_decided(ends->from, ends->to);
}

static void end_one(struct move_ends const *ends, struct user_move *move)
{
  (void)move;
  home_swap_unlink(ends->from);
}

static void undo_one(struct move_ends const *ends, struct user_move *move)
{
  (void)move;
  home_swap_unlink(ends->to);
}

static void sync_all(struct moving const *m)
{
  if (syncfs(m->domain->directory) == -1) home_trouble("sync ", m->path);
}

static void complete(struct moving const *m, struct user_move *moves, size_t count)
{
  with_each(m, moves, count, swap_one);
  sync_all(m);
  with_each(m, moves, count, end_one);
  sync_all(m);
  home_note_remove(m->domain->directory, NOTE);
}

static void undo(struct moving const *m, struct user_move *moves, size_t count)
{
  with_each(m, moves, count, undo_one);
  sync_all(m);
  home_note_remove(m->domain->directory, NOTE);
}

/* ---- the note ---- */

static void note_write(struct moving const *m, struct user_move const *moves, size_t count)
{
  stralloc text = STRALLOC_ZERO;
  for (size_t i = 0; i < count; i++) {
    struct vpasswd const line = { .name = moves[i].name, .comment = { moves[i].slot, strlen(moves[i].slot) }, .dir = moves[i].dir };
    if (!vpasswd_format(&text, &line)) home_trouble("write ", NOTE);
  }
  if (!dir_file_write(m->domain->directory, NOTE, text.s, text.len)) home_trouble("write ", NOTE);
  stralloc_free(&text);
}

static bool note_next(struct user_move *move, stralloc const *text, size_t *at)
{
  struct text_line line;
  struct vpasswd note;
  while (lines_next(&line, text->s, text->len, at)) {
    if (vpasswd_parse(&note, line.s, line.len) != VPASSWD_RECORD || note.comment.len >= DIR_CONTROL_DIR) continue;
    *move = (struct user_move){ .name = note.name, .dir = note.dir };
    if (note.comment.len && !dir_control_is_dir(note.comment.s, note.comment.len)) continue;
    memcpy(move->slot, note.comment.s, note.comment.len);
    return true;
  }
  return false;
}

static size_t note_read(struct user_move **moves, struct moving const *m, stralloc *text)
{
  struct user_move move;
  size_t count = 0, at = 0;
  if (dir_file_read(text, m->domain->directory, NOTE, NOTE_MAX) == -1) home_trouble("read ", NOTE);
  while (note_next(&move, text, &at)) count++;
  *moves = memory_zeroed(count + 1, sizeof **moves);
  at = 0;
  for (size_t i = 0; i < count; i++) note_next(*moves + i, text, &at);
  return count;
}

/* ---- the order ---- */

static struct field dir_after(struct moving const *m, struct user_move const *move)
{
  stralloc dir = STRALLOC_ZERO;
  text_set(&dir, m->path);
  text_addc(&dir, '/');
  text_add(&dir, move->slot);
  if (*move->slot) text_addc(&dir, '/');
  text_addb(&dir, move->name.s, move->name.len);
  return (struct field){ text_z(&dir), dir.len };
}

static enum vcode records_change(struct moving const *m, struct user_move const *moves, size_t count)
{
  struct store_edit *edits = memory_zeroed(count + 1, sizeof *edits);
  size_t wanted = 0, culprit;
  for (size_t i = 0; i < count; i++) {
    if (moves[i].is_stuck) continue;
    struct vpasswd const record = { .name = moves[i].name, .dir = dir_after(m, moves + i) };
    edits[wanted++] = (struct store_edit){ .deed = STORE_ALTER, .record = record, .fields = STORE_DIR };
  }
  enum store_result changed = wanted ? store_edit(m->domain, edits, wanted, &culprit) : STORE_DONE;
  for (size_t i = 0; i < wanted; i++) free((char *)edits[i].record.dir.s);
  free(edits);
  return store_code(changed, m->domain->name);
}

/* All of a note are decided in one change of the table, so any of them tells. */
static bool is_decided(struct moving const *m, struct user_move const *move)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  struct field after = dir_after(m, move);
  enum store_result found = store_find(m->domain, &record, &space, move->name);
  if (found != STORE_DONE && found != STORE_NO_USER) store_refuse(found, m->domain->name);
  bool decided = found == STORE_DONE && record.dir.len == after.len && memcmp(record.dir.s, after.s, after.len) == 0;
  free((char *)after.s);
  stralloc_free(&space);
  return decided;
}

static void finish_one(struct moving const *m, struct user_move *move)
{
  with_each(m, move, 1, is_decided(m, move) ? swap_one : undo_one);
}

static void finish_locked(struct moving const *m)
{
  stralloc text = STRALLOC_ZERO;
  struct user_move *moves;
  size_t count = note_read(&moves, m, &text);
  for (size_t i = 0; i < count; i++) finish_one(m, moves + i);
  sync_all(m);
  with_each(m, moves, count, end_one);
  sync_all(m);
  home_note_remove(m->domain->directory, NOTE);
  free(moves);
  stralloc_free(&text);
}

void user_move_finish(struct store_domain const *domain, char const *path)
{
  struct moving const m = { domain, path };
  if (!home_note_is_there(domain->directory, NOTE)) return;
  int held = home_place_lock(domain->directory);
  finish_locked(&m);
  fd_close(held);
}

/* What is in trouble is left to whoever finishes it. */
enum vcode user_move_many(struct store_domain const *domain, char const *path, struct user_move *moves, size_t count)
{
  struct moving const m = { domain, path };
  store_refuse_read_only(domain);
  note_write(&m, moves, count);
  with_each(&m, moves, count, begin_one);
  sync_all(&m);
  enum vcode code = records_change(&m, moves, count);
  if (code == VCODE_UPDATE_FILE) return code;
  if (code == VCODE_OK) complete(&m, moves, count);
  else undo(&m, moves, count);
  return code;
}
