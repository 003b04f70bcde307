# SPDX-License-Identifier: GPL-2.0-only
"""The kernel's functions that take a lock, as they are spelled in source: primitive
(bpf/abi_order.h), for reading or writing, which argument is the lock and which its
subclass. Facts: include/linux/{mutex,rwsem,spinlock,rwlock,rtmutex,ww_mutex,
percpu-rwsem}.h and include/net/sock.h, 6.1 and 6.12.
"""
NEST = '<nest>'         # instead of a subclass: taken under another lock that makes order not matter


class Prim:
    def __init__(self, prim, read, lock=0, sub=None):
        self.prim, self.read, self.lock, self.sub = prim, read, lock, sub

    def annotated(self):
        return self.sub is not None


PRIMS = {}
W, R = 'LK_WRITE', 'LK_READ'


def add(prim, read, names, lock=0, sub=None):
    for name in names.split():
        PRIMS[name] = Prim(prim, read, lock, sub)


add('LK_PRIM_MUTEX', W, 'mutex_lock mutex_lock_interruptible mutex_lock_killable mutex_lock_io mutex_trylock')
add('LK_PRIM_MUTEX', W, 'atomic_dec_and_mutex_lock', lock=1)
add('LK_PRIM_MUTEX', W, 'mutex_lock_nested mutex_lock_interruptible_nested mutex_lock_killable_nested '
    'mutex_lock_io_nested', sub=1)
add('LK_PRIM_MUTEX', W, 'mutex_lock_nest_lock', sub=NEST)
add('LK_PRIM_WW_MUTEX', W, 'ww_mutex_lock ww_mutex_lock_interruptible ww_mutex_trylock ww_mutex_lock_slow '
    'ww_mutex_lock_slow_interruptible')
add('LK_PRIM_RWSEM', R, 'down_read down_read_interruptible down_read_killable down_read_trylock down_read_non_owner')
add('LK_PRIM_RWSEM', W, 'down_write down_write_killable down_write_trylock')
add('LK_PRIM_RWSEM', R, 'down_read_nested down_read_killable_nested', sub=1)
add('LK_PRIM_RWSEM', W, 'down_write_nested down_write_killable_nested', sub=1)
add('LK_PRIM_RWSEM', W, 'down_write_nest_lock', sub=NEST)
add('LK_PRIM_RT_MUTEX', W, 'rt_mutex_lock rt_mutex_lock_interruptible rt_mutex_lock_killable rt_mutex_trylock')
add('LK_PRIM_RT_MUTEX', W, 'rt_mutex_lock_nested', sub=1)
add('LK_PRIM_RT_MUTEX', W, 'rt_mutex_lock_nest_lock', sub=NEST)
for kind in ('spin', 'raw_spin'):
    add('LK_PRIM_SPINLOCK', W, ' '.join('%s_%s' % (kind, op) for op in (
        'lock', 'lock_bh', 'lock_irq', 'lock_irqsave', 'trylock', 'trylock_bh', 'trylock_irq', 'trylock_irqsave')))
    add('LK_PRIM_SPINLOCK', W, '%s_lock_nested %s_lock_bh_nested %s_lock_irq_nested' % (kind, kind, kind), sub=1)
    add('LK_PRIM_SPINLOCK', W, kind + '_lock_irqsave_nested', sub=2)
    add('LK_PRIM_SPINLOCK', W, kind + '_lock_nest_lock', sub=NEST)
add('LK_PRIM_SPINLOCK', W, 'atomic_dec_and_lock atomic_dec_and_lock_irqsave atomic_dec_and_raw_lock '
    'atomic_dec_and_raw_lock_irqsave refcount_dec_and_lock refcount_dec_and_lock_irqsave', lock=1)
for read, kind in ((R, 'read'), (W, 'write')):
    add('LK_PRIM_RWLOCK', read, ' '.join('%s_%s' % (kind, op) for op in (
        'lock', 'lock_bh', 'lock_irq', 'lock_irqsave', 'trylock', 'trylock_irqsave')))
add('LK_PRIM_RWLOCK', W, 'write_lock_nested', sub=1)
add('LK_PRIM_PERCPU_RWSEM', R, 'percpu_down_read percpu_down_read_preempt_disable percpu_down_read_trylock')
add('LK_PRIM_PERCPU_RWSEM', W, 'percpu_down_write')
# The owner's lock of a socket: no primitive of ours, but annotated like one.
add('LK_PRIM_NONE', W, 'lock_sock_nested', sub=1)
add('LK_PRIM_NONE', W, '__lock_sock_fast')

# Named like annotated acquire functions without being one of ours: read as what they call.
SOCK = ('lock_sock_nested', '__lock_sock_fast')
