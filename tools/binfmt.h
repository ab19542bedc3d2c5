/* --install-binfmt. For dragoman.c alone. */
#ifndef BINFMT_H
#define BINFMT_H

/* The exit status. */
int install_binfmt(int only_print);

#endif
