package rtype

const stride = 13
