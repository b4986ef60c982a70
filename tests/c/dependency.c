/* A library on which another depends. */
int depended_upon(void);

int depended_upon(void)
{
    return 7;
}
