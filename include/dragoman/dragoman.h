/*
 * libdragoman: runs machine code of one architecture inside a program of another.
 * engine > vm > cpu; see the headers below, each one concern. No globals, no signal handlers,
 * no output; never abort or exit.
 */
#ifndef DRAGOMAN_DRAGOMAN_H
#define DRAGOMAN_DRAGOMAN_H

#include "dragoman/cpu.h"
#include "dragoman/engine.h"
#include "dragoman/hook.h"
#include "dragoman/machine.h"
#include "dragoman/mmu.h"
#include "dragoman/snapshot.h"
#include "dragoman/status.h"
#include "dragoman/vm.h"

#endif
