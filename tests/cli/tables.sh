#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tools/tables on a small invented kernel source: every row that it makes of it, and no other.

. "$(dirname "$0")/../lib/tap.sh"

command -v python3 > /dev/null || skip_all "python3 is not installed"
tables=$TOP/tools/tables/tables
src=$TMP/src
mkdir -p "$src/include/linux" "$src/fs/deep" "$src/kernel/locking" "$src/arch/arm" "$src/arch/x86/kernel" "$TMP/out"
printf 'VERSION = 6\nPATCHLEVEL = 99\nSUBLEVEL = 1\n' > "$src/Makefile"

cat > "$src/include/linux/base.h" << 'C'
#define SINGLE_DEPTH_NESTING			1
#define mutex_lock_nested(lock, subclass) mutex_lock(lock)
enum lock_class {
	CLASS_NORMAL,		/* 0 */
	CLASS_PARENT,		/* , fake = 5 */
	CLASS_CHILD = 4,
	CLASS_LAST
};
struct lockref { spinlock_t lock; int count; };
struct node {
	union { struct lockref ref; unsigned long word; };
	struct rw_semaphore sem;
	struct mutex m[2];
	struct wait_queue_head wq;
};
#define n_lock	ref.lock

static inline void node_lock_nested(struct node *node, unsigned subclass)
{
	down_write_nested(&node->sem, subclass);
}
static inline void node_lock(struct node *node)
{
	down_write(&node->sem);
}
#define node_trick(n)	spin_lock_nested(&(n)->n_lock, CLASS_LAST)
DEFINE_GUARD(node, struct node *, node_lock(_T), node_unlock(_T))
DEFINE_LOCK_GUARD_1(spin_child, spinlock_t, spin_lock_nested(_T->lock, SINGLE_DEPTH_NESTING), spin_unlock(_T->lock))
DEFINE_GUARD(mutex, struct mutex *, mutex_lock(_T), mutex_unlock(_T))
C

cat > "$src/fs/names.c" << 'C'
// SPDX-License-Identifier: GPL-2.0
#include <linux/base.h>
#include "deep/local.h"

/* mutex_lock_nested(&a->comment, 1); */
// mutex_lock_nested(&a->comment, 2);
static const char *text = "mutex_lock_nested(&a->string, 1); {";

void by_enum(struct node *a)
{
	node_lock_nested(a, CLASS_CHILD);	/* } */
}

void by_define(struct node *a, int i)
{
	mutex_lock_nested(&a->m[i], SINGLE_DEPTH_NESTING);
	pr_info("mutex_lock(&a->m[0])");
}

void by_expression(struct node *a)
{
	down_read_nested(&a->sem, CLASS_PARENT + 1);
}

void by_macro(struct node *a)
{
	node_trick(a);
}

void by_local_header(struct node *a)
{
	mutex_lock_interruptible_nested(&a->m[0], LOCAL_CLASS);
}

void by_guard(struct node *a)
{
	scoped_guard(spin_child, &a->ref.lock)
		work();
}

void twice(struct node *a, struct node *b)
{
	node_lock(a);
	node_lock_nested(b, CLASS_PARENT);
}

void two_members(struct node *a, struct mutex *any)
{
	guard(mutex)(&a->m[0]);
	mutex_lock_nested(&a->other.lock, 3);
}

void computed(struct node *a, int depth)
{
	mutex_lock_nested(&a->m[0], depth);
}

void pointer(struct node *a)
{
	spinlock_t *lock = &a->n_lock;
	unsigned long flags;

	spin_lock_irqsave_nested(lock, flags, 2);
}

void unknown_lock(spinlock_t *lock)
{
	raw_spin_lock_nested(lock, 2);
}

void under(struct node *a)
{
	mutex_lock_nest_lock(&a->m[1], &a->sem);
}

void plain(struct node *a)
{
	mutex_lock(&a->m[0]);
	node_lock(a);
}

#if 0
void never(struct node *a)
{
	mutex_lock_nested(&a->m[0], 1);
}
#endif

void zero(struct node *a)
{
	node_lock_nested(a, CLASS_NORMAL);
}
C
printf '#define LOCAL_CLASS (CLASS_CHILD | 2)\n' > "$src/fs/deep/local.h"

cat > "$src/fs/inlined.c" << 'C'
#include <linux/base.h>

static void once(struct node *x, int sub)
{
	mutex_lock_nested(&x->m[0], sub);
	a(); b(); c(); d(); e(); f(); g(); h(); i(); j(); k(); l(); m(); n(); o(); p();
}

static void large(struct node *x)
{
	mutex_lock_nested(&x->m[0], 2);
	a(); b(); c(); d(); e(); f(); g(); h(); i(); j(); k(); l(); m(); n(); o(); p();
}

static noinline void never_inlined(struct node *x)
{
	mutex_lock_nested(&x->m[0], 3);
}

static void middle(struct node *x)
{
	once(x, 6);
}

void outer(struct node *x)
{
	middle(x);
	large(x);
}

void outer_too(struct node *x)
{
	large(x);
	never_inlined(x);
}

#define SHOW(fn) static ssize_t fn ## _show(struct node *x)
SHOW(pasted)
{
	down_write_nested(&x->sem, SINGLE_DEPTH_NESTING);
}

SYSCALL_DEFINE2(fake, struct node __user *, x, int, y)
{
	mutex_lock_nested(&x->m[0], 1);
	return 0;
}
C
cat > "$src/fs/guard.c" << 'C'
#include <linux/base.h>

void only_guard(struct node *a)
{
	guard(spin_child)(&a->n_lock);
}
C
for f in kernel/locking/mutex.c arch/arm/a.c; do
	printf 'void not_here(struct node *a)\n{\n\tmutex_lock_nested(&a->m[0], 1);\n}\n' > "$src/$f"
done
printf 'void on_x86(struct node *a)\n{\n\tmutex_lock_nested(&a->m[0], 1);\n}\n' > "$src/arch/x86/kernel/a.c"

cat > "$src/kernel/init.c" << 'C'
#include <linux/base.h>

struct tree {
	struct node root;
	struct list { struct mutex inner; } *list;
	seqlock_t seq;
	struct completion done;
	struct ww_mutex ww;
	struct rt_mutex rt;
	struct rw_semaphore tree;
	spinlock_t *away;
};
typedef struct big { struct mutex lock; } big_t;
static struct big the_big;

int init_one(struct tree *t, big_t *b, struct unknown_to_all *u)
{
	struct node *n = &t->root, *other;

	spin_lock_init(&n->n_lock);
	init_rwsem(&n->sem);
	mutex_init(&n->m[1]);		/* mutex_init(&n->comment); */
	init_waitqueue_head( &t->root.wq );
	mutex_init(&t->list->inner);
	seqlock_init(&t->seq);
	init_completion(&t->done);
	ww_mutex_init(&t->ww, &some_class);
	rt_mutex_init(&t->rt);
	init_rwsem(&t->tree);
	spin_lock_init(t->away);
	mutex_init(&b->lock);
	mutex_init(&nobody->lock);
	pr_info("mutex_init(&t->string)");
}

void init_two(struct node *node)
{
	init_rwsem(&node->sem);
}

void init_three(struct node *node, struct tree *tree)
{
	init_rwsem(&node->sem);
	mutex_init(&the_big.lock);
	init_rwsem(&tree->tree);
}
C

run "$tables" -o "$TMP/out" "$src"
is "the generator succeeds" "$status" 0
is "... without a word of complaint" "$err" ""

rows() { grep -P '^\t' "$1"; }

is "annotated acquisitions: exactly these" "$(rows "$TMP/out/nested_6_99.h")" "$(cat << 'ROWS'
	{ "__do_sys_fake", LK_PRIM_MUTEX, LK_WRITE, "m", 0x2 },
	{ "__ia32_sys_fake", LK_PRIM_MUTEX, LK_WRITE, "m", 0x2 },
	{ "__se_sys_fake", LK_PRIM_MUTEX, LK_WRITE, "m", 0x2 },
	{ "__x64_sys_fake", LK_PRIM_MUTEX, LK_WRITE, "m", 0x2 },
	{ "by_define", LK_PRIM_MUTEX, LK_WRITE, "m", 0x2 },
	{ "by_enum", LK_PRIM_RWSEM, LK_WRITE, "sem", 0x10 },
	{ "by_expression", LK_PRIM_RWSEM, LK_READ, "sem", 0x4 },
	{ "by_guard", LK_PRIM_SPINLOCK, LK_WRITE, "ref.lock", 0x2 },
	{ "by_local_header", LK_PRIM_MUTEX, LK_WRITE, "m", 0x40 },
	{ "by_macro", LK_PRIM_SPINLOCK, LK_WRITE, "ref.lock", 0x20 },
	{ "computed", LK_PRIM_MUTEX, LK_WRITE, "m", 0x100 },
	{ "large", LK_PRIM_MUTEX, LK_WRITE, "m", 0x4 },
	{ "middle", LK_PRIM_MUTEX, LK_WRITE, "m", 0x40 },	/* inlined */
	{ "never_inlined", LK_PRIM_MUTEX, LK_WRITE, "m", 0x8 },
	{ "node_lock_nested", LK_PRIM_RWSEM, LK_WRITE, "sem", 0x100 },
	{ "on_x86", LK_PRIM_MUTEX, LK_WRITE, "m", 0x2 },
	{ "once", LK_PRIM_MUTEX, LK_WRITE, "m", 0x100 },
	{ "only_guard", LK_PRIM_SPINLOCK, LK_WRITE, "ref.lock", 0x2 },
	{ "outer", LK_PRIM_MUTEX, LK_WRITE, "m", 0x40 },	/* inlined */
	{ "pasted_show", LK_PRIM_RWSEM, LK_WRITE, "sem", 0x2 },
	{ "pointer", LK_PRIM_SPINLOCK, LK_WRITE, "ref.lock", 0x4 },
	{ "twice", LK_PRIM_RWSEM, LK_WRITE, "sem", 0x3 },
	{ "two_members", LK_PRIM_MUTEX, LK_WRITE, "m", 0x1 },
	{ "two_members", LK_PRIM_MUTEX, LK_WRITE, "other.lock", 0x8 },
	{ "under", LK_PRIM_MUTEX, LK_WRITE, "m", 0x201 },
	{ "unknown_lock", LK_PRIM_SPINLOCK, LK_WRITE, "", 0x4 },
ROWS
)"

is "member names: exactly these" "$(rows "$TMP/out/member_names.h")" "$(cat << 'ROWS'
	"big lock L b",
	"list inner L =&t->list->inner",
	"lockref lock L =&n->n_lock",
	"node m L =&n->m[1]",
	"node ref.lock L =&n->n_lock",
	"node sem L node",
	"node wq Q =&t->root.wq",
	"tree done C t",
	"tree root.wq Q t",
	"tree rt L =init_one",
	"tree seq.lock L =&(&t->seq)->lock",
	"tree tree L t",
	"tree ww W =some_class_mutex",
ROWS
)"

head=$(sed "/^ \*\//q" "$TMP/out/nested_6_99.h" | tr -d "\n*" | tr -s " ")
like "calls are counted, not comments or strings" "$head" "17 calls in .c files"
like "comments are counted apart" "$head" "mutex_lock_nested 8 \(\+ 3 in comments or strings, 1 elsewhere\)"
like "the table says where it is from" "$head" "Generated by tools/tables from a kernel source 6.99;"
unlike "the table has no path of this machine" "$(cat "$TMP"/out/*.h)" "$TMP"
like "what was not understood is counted" "$(tr -d "\n*" < "$TMP/out/member_names.h" | tr -s " ")" \
	"6.99: 17 initialisers; not used: 1 by a pointer, 1 type of a variable unknown"

# The tables compile as the program includes them.
cat > "$TMP/use.c" << C
#include "$TOP/user/core/nested_row.h"
#include "$TMP/out/nested_6_99.h"
#include "$TMP/out/member_names.h"
int main(void) { return sizeof(nested_6_99) && sizeof(member_names) ? 0 : 1; }
C
ok "the tables are C" "${CC:-cc}" -Wall -Werror -fsyntax-only "$TMP/use.c"

# Made again, the same; of two sources, one table of names.
cp -r "$TMP/out" "$TMP/first"
run "$tables" -o "$TMP/out" "$src"
ok "the output is reproducible" diff -r "$TMP/first" "$TMP/out"
cp -r "$src" "$TMP/src2"
sed -i 's/= 99/= 100/' "$TMP/src2/Makefile"
sed -i 's/node->sem/third->sem/; s/struct node \*node\b/struct node *third/' "$TMP/src2/kernel/init.c"
run "$tables" -o "$TMP/out" "$src" "$TMP/src2"
is "two sources" "$status" 0
ok "each has its own table" test -s "$TMP/out/nested_6_100.h"
is "one table of names; of names of equal use the shortest" "$(grep '"node sem ' "$TMP/out/member_names.h")" "	\"node sem L n\","

# Mistakes.
run "$tables" -o "$TMP/out" "$TMP/first"
is "a folder that is no kernel source fails" "$status" 1
like "... and is named" "$err" "first' is no kernel source: it has no Makefile"
run "$tables" -o "$TMP/nowhere" "$src"
is "an output folder that is not there fails" "$status" 1
like "... and is named" "$err" "nowhere' is not there"
run "$tables" -o "$TMP/out" hello
is "a word that is no kernel fails" "$status" 1
like "... and is named" "$err" "'hello' is neither a folder nor a series"
run "$tables" -o "$TMP/out" 0.99
is "a series that Debian has not fails" "$status" 1
like "... and says what to do" "$err" "linux-source-0.99|apt-cache"
done_testing
