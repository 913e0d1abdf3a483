inline int LIMIT = 5 * 2;
inline unsigned char BYTE = 0x1ff;
inline string WHO = "me";
inline long twice = arg0 * 2;
BEGIN / twice > LIMIT / { x = BYTE; y = WHO; z = twice; @[WHO, LIMIT] = count(); }
