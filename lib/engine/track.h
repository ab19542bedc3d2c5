/*
 * Which pages of a VM are written, by whomever: what lib/engine's memory and services tell snapshots.
 * All but track_open_page with mem_lock held. Without snapshots nothing is tracked, and they cost a test.
 */
#ifndef ENGINE_TRACK_H
#define ENGINE_TRACK_H

#include "engine/engine.h"

/* The byte of a page of RAM with this protection, as far as direct access is allowed yet. */
uint8_t track_byte(const struct dgm_vm *vm, uint64_t page, uint32_t prot);
/* Gives the page of RAM that byte. */
void track_set_byte(struct dgm_vm *vm, uint64_t page);
/* Appends to the book's list. */
enum dgm_status track_note_dirty(struct snap_book *b, uint64_t page) BASE_CHECK;
/*
 * Before an access of the library's own, or of a guest's that has the permission: afterwards the
 * pages hold what they should and, for DGM_W, may be written, directly from here on. DGM_E_NOMEM.
 */
enum dgm_status track_open(struct dgm_vm *vm, uint64_t addr, uint64_t n, uint32_t want) BASE_CHECK;
/* The same for the page of addr; takes mem_lock. */
enum dgm_status track_open_page(struct dgm_vm *vm, uint64_t addr, uint32_t want) BASE_CHECK;
/* The host gets a pointer to write by. DGM_E_NOMEM. */
enum dgm_status track_view(struct dgm_vm *vm, uint64_t addr, uint64_t n) BASE_CHECK;
/* Before the bytes of the pages are lost or moved, or cannot be read any more: RAM is dirty afterwards. */
enum dgm_status track_losing(struct dgm_vm *vm, uint64_t page, uint64_t n) BASE_CHECK;
/* Pages have been mapped anew. */
void track_fresh(struct dgm_vm *vm, uint64_t page, uint64_t n, bool shared);
/* Before mapping something MAP_SHARED, and before snapshots: the marks are there. DGM_E_NOMEM. */
enum dgm_status track_marks(struct dgm_vm *vm) BASE_CHECK;
/* Code was read at addr for translation. */
void track_fetched(struct dgm_vm *vm, uint64_t addr, const uint8_t *bytes, uint64_t n);

/* Makes a page of RAM readable and, for DGM_W, writable by the host whatever its protection is; track_relock undoes it. */
bool track_unlock(const struct dgm_vm *vm, uint64_t page, uint32_t want);
void track_relock(const struct dgm_vm *vm, uint64_t page, uint32_t want);

#endif
