/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One lock under its names of several times and tiers. Reports of old kernels call
 * mmap_lock "&mm->mmap_sem", lockdep numbers the classes of one name as that boot met
 * them, and what lockdep tells from one another by keys is told here by file system.
 */
#ifndef LK_LOCKALIAS_H
#define LK_LOCKALIAS_H

#include <stdbool.h>

enum lockalias_of {		/* inode locks: of what */
	LOCKALIAS_ANY = 0,	/* not said */
	LOCKALIAS_FILE,
	LOCKALIAS_DIR,
};

struct lockalias {
	char name[192];		/* today's, without what differs from boot to boot; cut if longer */
	enum lockalias_of of;
};

/*
 * What the lock called @name, by lockdep of any time or by us, is called today: without
 * "#version", "/subclass", " [module]", " (file system)" and what the macros of old
 * kernels wrapped around it ("&(&x->lock)->rlock" is "&x->lock").
 */
void lockalias_today(const char *name, struct lockalias *ret);

/* May both be names of one lock? */
bool lockalias_same(const struct lockalias *a, const struct lockalias *b);

#endif /* LK_LOCKALIAS_H */
